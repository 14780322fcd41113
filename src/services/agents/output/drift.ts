/** Unknown parts of an agent's output, with counts. Bounded, because the output is foreign. */
import type { DriftNote } from './fields';

/** More names than any schema change has. Further names are dropped. */
const MOST_NAMES = 50;

export class Drift {
  private readonly counts = new Map<string, number>();

  readonly note: DriftNote = (what) => {
    const count = this.counts.get(what);
    if (count === undefined && this.counts.size >= MOST_NAMES) return;
    this.counts.set(what, (count ?? 0) + 1);
  };

  get found(): ReadonlyMap<string, number> {
    return this.counts;
  }
}
