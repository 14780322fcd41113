/** What the views know of budgets in one folder: read on demand, kept until a change touches their owner. */
import { dispatchBudgetState, type DispatchBudgetState } from '../../../kernel/budget/reservation/dispatchBudgetState';
import type { BudgetState } from '../../../kernel/budget/model';
import { budgetState, limitedAmong, limitedBudgetState } from '../../../kernel/budget/budgetState';
import type { Change } from '../../../kernel/change';
import { lacksTables } from '../../../kernel/errors/errors';
import type { Reader, Sync } from '../../../kernel/unit';

export class BudgetRecord {
  private readonly runs = new Map<string, BudgetState | undefined>();
  private readonly dispatches = new Map<string, DispatchBudgetState | undefined>();
  /** A portfolio's counts what its children use. */
  private readonly portfolios = new Map<string, BudgetState | undefined>();

  constructor(private readonly read: <T>(work: (reader: Reader) => Sync<T>) => T) {}

  /** Of a run that has a budget. */
  ofRun({ id, projectDir }: { readonly id: string; readonly projectDir: string }): BudgetState | undefined {
    return this.kept(projectDir === '' ? this.portfolios : this.runs, id, (r) => limitedBudgetState(r, id));
  }

  /** Reads which of these runs have a budget, so that the others are not read. */
  readAhead(ids: readonly string[]): void {
    const unknown = ids.filter((id) => !this.runs.has(id) && !this.portfolios.has(id));
    if (unknown.length < 2) return;
    const limited = this.readable((r) => limitedAmong(r, unknown)) ?? new Set(unknown);
    for (const id of unknown) if (!limited.has(id)) this.runs.set(id, undefined);
  }

  /** Of any run, for a view of it alone. */
  detailsOf(runId: string): BudgetState | undefined {
    return this.readable((r) => budgetState(r, runId));
  }

  ofDispatch(id: string): DispatchBudgetState | undefined {
    return this.kept(this.dispatches, id, (r) => dispatchBudgetState(r, id));
  }

  note(change: Change): void {
    this.portfolios.clear();
    for (const id of change.runs) this.runs.delete(id);
    for (const id of change.dispatches) this.dispatches.delete(id);
  }

  forget(): void {
    this.portfolios.clear();
    this.runs.clear();
    this.dispatches.clear();
  }

  private kept<T>(known: Map<string, T | undefined>, id: string, work: (reader: Reader) => Sync<T | undefined>) {
    if (known.has(id)) return known.get(id);
    const found = this.readable(work);
    known.set(id, found);
    return found;
  }

  /** Undefined where a newer program's version has no such tables. */
  private readable<T>(work: (reader: Reader) => Sync<T | undefined>): T | undefined {
    try {
      return this.read<T | undefined>(work);
    } catch (error) {
      if (lacksTables(error)) return undefined;
      throw error;
    }
  }
}
