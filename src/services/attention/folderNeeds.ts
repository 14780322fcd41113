/**
 * What waits in one folder, kept run by run until a change touches it (`docs/design/editor.md#changes`). Bringing it up
 * to date is done in passes that may be left at any time and gone on with later; what is shown is that of the last
 * whole pass.
 */
import type { AttentionItem } from '../../contract/results/attention';
import type { Change } from '../../kernel/change';
import type { Reader } from '../../kernel/unit';
import { byUrgency, itemsAround, type AttentionFacts } from './attentionOf';
import { needsOf, runsInQuestion, withParents, type RunNeeds } from './runNeeds';

export class FolderNeeds {
  private readonly known = new Map<string, RunNeeds>();
  /** Runs that the pass under way has still to ask about. */
  private due: Set<string> = new Set();
  /** Runs that have changed since it started. */
  private later: Set<string> | 'all' = 'all';
  private shown: readonly AttentionItem[] = [];
  private aside: readonly AttentionItem[] = [];

  constructor(private readonly folder: string) {}

  /** As of the last whole pass; the same array until the next. */
  get items(): readonly AttentionItem[] {
    return this.shown;
  }

  /** Those that are not of one run: the database, running agents. */
  get around(): readonly AttentionItem[] {
    return this.aside;
  }

  /** Takes note of a change; reads nothing. */
  note({ origin, runs }: Change): void {
    if (origin === 'file') {
      this.noteAll();
    } else {
      this.add(runs);
      this.markFurtherDue();
    }
  }

  /** Takes note that other runs or databases may say something else to the gates of this one. */
  markFurtherDue(): void {
    for (const [id, { readsOtherRecords }] of this.known) if (readsOtherRecords) this.add([id]);
  }

  /** Takes note that anything may differ. */
  noteAll(): void {
    this.later = 'all';
  }

  /** Asks about runs that are due until `isOver`, about one at least. False where something is left to ask. */
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

  /** Forgets what a record said that cannot be read now. */
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
