/**
 * The items of one folder, cached by run until a change affects them (`docs/design/editor.md#changes`). An update is a
 * pass that may be paused and continued later. Views show the result of the last complete pass.
 */
import type { AttentionItem } from '../../contract/results/attention';
import type { Change } from '../../kernel/change';
import type { Reader } from '../../kernel/unit';
import { byUrgency, itemsAround, type AttentionFacts } from './attentionOf';
import { needsOf, runsInQuestion, withParents, type RunNeeds } from './runNeeds';

export class FolderNeeds {
  private readonly known = new Map<string, RunNeeds>();
  /** Runs that the current pass has not checked yet. */
  private due: Set<string> = new Set();
  /** Runs that changed since the pass started. */
  private later: Set<string> | 'all' = 'all';
  private shown: readonly AttentionItem[] = [];
  private aside: readonly AttentionItem[] = [];

  constructor(private readonly folder: string) {}

  /** The result of the last complete pass; the same array until the next. */
  get items(): readonly AttentionItem[] {
    return this.shown;
  }

  /** Items that belong to no single run: the database, running agents. */
  get around(): readonly AttentionItem[] {
    return this.aside;
  }

  /** Marks a change; reads nothing. */
  note({ origin, runs }: Change): void {
    if (origin === 'file') {
      this.noteAll();
    } else {
      this.add(runs);
      this.markFurtherDue();
    }
  }

  /** Marks that the gates may depend on other runs or databases that changed. */
  markFurtherDue(): void {
    for (const [id, { readsOtherRecords }] of this.known) if (readsOtherRecords) this.add([id]);
  }

  /** Marks that anything may have changed. */
  noteAll(): void {
    this.later = 'all';
  }

  /** Checks runs that are due until `isOver`, at least one. False if runs are left. */
  refresh(r: Reader, facts: AttentionFacts, isOver: () => boolean): boolean {
    if (this.due.size === 0) {
      const all = this.later === 'all' ? [...runsInQuestion(r), ...this.known.keys()] : withParents(r, this.later);
      this.due = new Set(all);
      this.later = new Set();
    }
    for (const id of this.due) {
      this.due.delete(id);
      const needs = needsOf(r, id, this.folder, facts.gates);
      if (needs === undefined) this.known.delete(id);
      else this.known.set(id, needs);
      if (this.due.size > 0 && isOver()) return false;
    }
    this.show(itemsAround(r, this.folder, facts, this.known.values()));
    return this.later !== 'all' && this.later.size === 0;
  }

  /** Drops the items of a record that cannot be read now. */
  withoutRecord(facts: AttentionFacts): void {
    this.known.clear();
    this.due.clear();
    this.noteAll();
    this.show(itemsAround(undefined, this.folder, facts, []));
  }

  private show(around: readonly AttentionItem[]): void {
    this.aside = around;
    const ofRuns: AttentionItem[] = [];
    for (const { items } of this.known.values()) ofRuns.push(...items);
    this.shown = byUrgency([...around, ...ofRuns]);
  }

  private add(ids: Iterable<string>): void {
    if (this.later === 'all') return;
    for (const id of ids) this.later.add(id);
  }
}
