/**
 * The queue of a program's heavy steps for tasks: comparing and checking out trees, copying, snapshots. Few run at
 * once, in order of arrival, so that agents, the editor and the recording of endings get processor time. Check and
 * set-up commands, agents and network calls do not use it.
 */
import os from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../../host/log';
import { Emitter, type Disposable } from '../../kernel/emitter';

/** A step that takes longer waits for a disk, a filter or a lock: it continues, and the next one starts. */
const LONGEST_MS = 10_000;

/** One step computes while another waits for the disk. */
const STEPS_PER_CORE = 2;

export interface HeavyStepsDeps {
  readonly log: Log;
  /** The maximum of concurrent steps; defaults to a few for each processor. */
  readonly atOnce?: number;
  /** How long a step keeps its slot; defaults to ten seconds. */
  readonly longestMs?: number;
  /** Awaited before each step starts: work with priority. */
  readonly before?: () => Promise<void>;
}

interface Waiting {
  readonly subject: string;
  readonly start: () => void;
}

export class HeavySteps implements Disposable {
  private readonly line: Waiting[] = [];
  private readonly atOnce: number;
  private readonly changes: Emitter<void>;
  private running = 0;

  constructor(private readonly deps: HeavyStepsDeps) {
    this.atOnce = deps.atOnce ?? os.availableParallelism() * STEPS_PER_CORE;
    this.changes = new Emitter((error) => deps.log.error('listener failed', { error }));
  }

  /** Whether a step of this task, subtask or project is queued. */
  waits(subject: string): boolean {
    return this.line.some((waiting) => waiting.subject === subject);
  }

  /** Fires when a subject starts or stops waiting. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Runs a step at its turn. Rejects with the signal's reason if it is aborted before. */
  async run<T>(subject: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.running >= this.atOnce) await this.turn(subject, signal);
    else this.running += 1;
    const giveBack = this.once();
    const timer = setTimeout(giveBack, this.deps.longestMs ?? LONGEST_MS).unref();
    try {
      // Reports of other processes, such as ended agents, are processed first.
      await nextTurn();
      await this.deps.before?.();
      signal?.throwIfAborted();
      return await work();
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  }

  dispose(): void {
    this.changes.dispose();
  }

  /** Resolves when a slot is available. */
  private turn(subject: string, signal: AbortSignal | undefined): Promise<void> {
    this.deps.log.debug('step waits for others', { subject, running: this.running, before: this.line.length });
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.line.splice(this.line.indexOf(waiting), 1);
        signal?.removeEventListener('abort', abort);
        this.changes.fire();
      };
      const abort = (): void => {
        leave();
        reject(reasonOf(signal));
      };
      const start = (): void => {
        leave();
        resolve();
      };
      const waiting: Waiting = { subject, start };
      this.line.push(waiting);
      signal?.addEventListener('abort', abort);
      this.changes.fire();
    });
  }

  /** Gives the slot to the next step, on the first call. */
  private once(): () => void {
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      const [next] = this.line;
      if (next === undefined) this.running -= 1;
      else next.start();
    };
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('The step was aborted.');
}
