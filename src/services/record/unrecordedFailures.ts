/**
 * Failures that a record cannot store because it cannot be written. They are kept in memory until their stage succeeds.
 */
import { Emitter, type Disposable } from '../../kernel/emitter';
import type { StageName } from '../../kernel/tasks/stage/stages';

export interface UnrecordedFailure {
  readonly stage: StageName;
  readonly subject: string;
  readonly reason: string;
  readonly tries: number;
  /** In seconds. */
  readonly since: number;
  readonly nextAt: number;
}

export type UnrecordedTry = Pick<UnrecordedFailure, 'stage' | 'subject' | 'reason' | 'nextAt'> & {
  /** In seconds. */
  readonly now: number;
};

export class UnrecordedFailures {
  private readonly known = new Map<string, UnrecordedFailure>();
  private readonly changes: Emitter<void>;

  constructor(onError: (error: unknown) => void) {
    this.changes = new Emitter(onError);
  }

  readonly onDidChange = (listener: () => void): Disposable => this.changes.event(listener);

  list(): readonly UnrecordedFailure[] {
    return [...this.known.values()];
  }

  note({ now, ...failure }: UnrecordedTry): void {
    const key = keyOf(failure.stage, failure.subject);
    const { tries = 0, since = now } = this.known.get(key) ?? {};
    this.known.set(key, { ...failure, tries: tries + 1, since });
    this.changes.fire();
  }

  clear(stage: StageName, subject: string): void {
    if (this.known.delete(keyOf(stage, subject))) this.changes.fire();
  }
}

function keyOf(stage: StageName, subject: string): string {
  return `${stage} ${subject}`;
}
