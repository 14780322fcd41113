/**
 * What one committed transaction touched (`docs/design/editor.md#changes`). Views redraw from this and from nothing
 * else.
 */
import type { DispatchId, RunId } from './ids';

export interface Change {
  /** Number of images this kernel has held: every commit and every reload from disk makes the next one. */
  readonly generation: number;
  /** `file`: another process changed the database, so anything may differ and the id sets are empty. */
  readonly origin: 'commit' | 'file';
  readonly runs: ReadonlySet<RunId>;
  readonly dispatches: ReadonlySet<DispatchId>;
  /** Subtasks whose row, dependencies, attempts, issue, or stage failures changed; the run of their task is in `runs`. */
  readonly subtasks: ReadonlySet<string>;
  /** True where rows outside runs and dispatches changed (state, cursors, discovery, portfolio edges). */
  readonly other: boolean;
}

/** Collects what a transaction touches while it runs. */
export class Touched {
  readonly runs = new Set<RunId>();
  readonly dispatches = new Set<DispatchId>();
  readonly subtasks = new Set<string>();
  other = false;

  run(id: RunId): void {
    this.runs.add(id);
  }

  dispatch(id: DispatchId): void {
    this.dispatches.add(id);
  }

  subtask(id: string): void {
    this.subtasks.add(id);
  }

  rest(): void {
    this.other = true;
  }

  /** Adds what a nested unit touched, once it is kept. */
  absorb(inner: Touched): void {
    for (const id of inner.runs) this.runs.add(id);
    for (const id of inner.dispatches) this.dispatches.add(id);
    for (const id of inner.subtasks) this.subtasks.add(id);
    this.other ||= inner.other;
  }
}
