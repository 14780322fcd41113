/**
 * Budgets of running agents: reservations, and ending agents over their limit
 * (`docs/design/agents.md#from-start-to-end`).
 */
import type { AgentKind } from '../../../contract/agentKinds';
import { microsOf } from '../../../kernel/budget/amounts';
import {
  budgetExcess,
  fits,
  levelsOf,
  noteStopped,
  setDispatchBudget,
  budgetRequestFor,
  type GivenAmounts,
} from '../../../kernel/budget/reservation/reservations';
import type { Measure } from '../../../kernel/budget/model';
import { excessText, type BudgetLevel, type Excess, type BudgetRequest } from '../../../kernel/budget/reservation/room';
import { dispatchProcess, findDispatch, getDispatch } from '../../../kernel/dispatch/service';
import type { DispatchId } from '../../../kernel/ids';
import type { Reader } from '../../../kernel/unit';
import type { DispatcherDeps } from '../context/deps';
import type { DispatchKernel } from '../../record/dispatchKernel';
import type { DispatchRequest } from '../context/dispatchRequest';
import { defined } from '../../../kernel/defined';

/** The reservation of a dispatch without a setting for its kind or a past dispatch to estimate from. */
const GUESS = { tokens: 50_000, cost: microsOf(0.5) };

/** Usage arrives in many small steps, which are checked together after this delay. */
const LOOK_MS = 200;

/** Whether exceeding a budget has an effect beyond a warning. */
export function isEnforced({ atLimit }: Pick<DispatcherDeps, 'atLimit'>, { folder }: DispatchKernel): boolean {
  return atLimit?.(folder) !== 'warn';
}

/** The reservation that a dispatch requests. */
export function budgetRequestOf(r: Reader, { name, usage = {} }: AgentKind, request: DispatchRequest): BudgetRequest {
  const { tokenBudget, costBudget } = request;
  const given: GivenAmounts = defined({ tokens: tokenBudget, cost: costBudget });
  const { estimatedTokens = GUESS.tokens, estimatedCostUsd } = usage;
  const cost = estimatedCostUsd === undefined ? GUESS.cost : microsOf(estimatedCostUsd);
  return budgetRequestFor(r, name, given, { tokens: estimatedTokens, cost });
}

/** Whether the budgets of the run's own database have room for the dispatch now. */
export function hasRoom(
  deps: DispatcherDeps,
  kernel: DispatchKernel,
  kind: AgentKind,
  request: DispatchRequest,
): boolean {
  const { runId } = request;
  if (runId === undefined || !isEnforced(deps, kernel)) return true;
  return kernel.read((r) => fits(r, runId, budgetRequestOf(r, kind, request)).fits);
}

/** In tokens and micro-dollars. */
export type BudgetChanges = Readonly<Partial<Record<Measure, number | null>>>;

/** Changes a running dispatch's own budget. The errors are those of `setDispatchBudget`. */
export async function changeBudget(
  deps: DispatcherDeps,
  kernel: DispatchKernel,
  id: string,
  changes: BudgetChanges,
): Promise<void> {
  const runId = kernel.read((r) => getDispatch(r, id)).scopeId;
  const outer = runId === null ? [] : ((await deps.outerBudgets?.(kernel, runId)) ?? []);
  await kernel.write((u) => setDispatchBudget(u, id, changes, { outer, isEnforced: isEnforced(deps, kernel) }));
}

/** Ends dispatches over budget, if the setting says so. */
export class BudgetWatch {
  private readonly looks = new Map<DispatchKernel, NodeJS.Timeout>();
  private readonly ending = new Set<DispatchId>();

  /** @param followedIn the dispatches of a project that are followed here */
  constructor(
    private readonly deps: DispatcherDeps,
    private readonly followedIn: (kernel: DispatchKernel) => readonly DispatchId[],
  ) {}

  /** Schedules a check after a change that may put a dispatch of the project over budget. */
  checkSoon(kernel: DispatchKernel): void {
    if (this.looks.has(kernel)) return;
    const look = () => {
      this.looks.delete(kernel);
      this.look(kernel).catch((error: unknown) => this.deps.log.error('budgets not checked', { error }));
    };
    this.looks.set(kernel, setTimeout(look, LOOK_MS).unref());
  }

  release(kernel: DispatchKernel): void {
    clearTimeout(this.looks.get(kernel));
    this.looks.delete(kernel);
  }

  private async look(kernel: DispatchKernel): Promise<void> {
    if (!this.deps.canRun() || (this.deps.atLimit?.(kernel.folder) ?? 'stop') !== 'stop') return;
    const budgets = new Map<string, readonly BudgetLevel[]>();
    for (const id of this.followedIn(kernel)) {
      const scopeId = kernel.read((r) => findDispatch(r, id))?.scopeId ?? null;
      const above = scopeId === null ? [] : (budgets.get(scopeId) ?? (await this.budgetsAbove(kernel, scopeId)));
      if (scopeId !== null) budgets.set(scopeId, above);
      const excess = kernel.read((r) => budgetExcess(r, id, above));
      if (excess !== undefined) void this.end(kernel, id, excess);
    }
  }

  private async budgetsAbove(kernel: DispatchKernel, runId: string): Promise<readonly BudgetLevel[]> {
    const outer = (await this.deps.outerBudgets?.(kernel, runId)) ?? [];
    return [...kernel.read((r) => levelsOf(r, runId)), ...outer];
  }

  /** A failure is logged; the next usage triggers another check. */
  private async end(kernel: DispatchKernel, id: DispatchId, excess: Excess): Promise<void> {
    if (this.ending.has(id)) return;
    this.ending.add(id);
    try {
      this.deps.log.info('dispatch over budget', { id, owner: excess.owner, measure: excess.measure });
      await kernel.write((u) => noteStopped(u, id, excess.owner));
      const { dispatch, process } = kernel.read((r) => ({
        dispatch: getDispatch(r, id),
        process: dispatchProcess(r, id),
      }));
      const { endAgent } = await import('./dispatchKill.js');
      await endAgent(this.deps, kernel, dispatch, process, `over budget: ${excessText(excess)}`);
    } catch (error) {
      this.deps.log.error('dispatch over budget not ended', { id, error });
    } finally {
      this.ending.delete(id);
    }
  }
}
