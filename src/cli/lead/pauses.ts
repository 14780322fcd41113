/**
 * Folders whose agents wait for a person to allow them. A waiting leader holds a lock next to the record, which `ic
 * needs` reads and which ends with the process, and checks at intervals whether they are allowed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { withFileLock } from '../../host/locks/fileLock';
import type { Log } from '../../host/log';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import type { Clock } from '../../kernel/ports';
import type { ProjectKernel } from '../../services/record/kernels';
import { asLeader, waitingLock, writeLeader } from '../../services/tasks/leader';

/** Polled, because `ic agent allow` in another terminal changes no record. */
const CHECK_AGAIN_MS = 3000;
const LONGEST_MS = 2 ** 30;

interface Wait {
  readonly end: AbortController;
  readonly done: Promise<void>;
}

export class WaitingFolders {
  private readonly waits = new Map<ProjectKernel, Wait>();
  private asking: AbortController | undefined;

  /** @param checkAgain checks whether the agents that wait have been allowed */
  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly checkAgain: () => void,
  ) {}

  add(kernel: ProjectKernel): void {
    if (this.waits.has(kernel)) return;
    const end = new AbortController();
    const done = this.hold(kernel, end.signal).catch((error: unknown) => {
      // Another leader waits there and holds the lock.
      if (KernelError.is(error, 'DATABASE_BUSY')) return;
      this.log.warn('ic needs cannot show that agents wait', { folder: kernel.folder, problem: problemOf(error) });
    });
    this.waits.set(kernel, { end, done });
    if (this.asking !== undefined) return;
    this.asking = new AbortController();
    void this.askUntil(this.asking.signal);
  }

  /** Ends the waits of all other folders. */
  keep(isWaiting: (folder: string) => boolean): void {
    for (const [kernel, { end }] of this.waits) {
      if (isWaiting(kernel.folder)) continue;
      end.abort();
      this.waits.delete(kernel);
    }
    if (this.waits.size > 0) return;
    this.asking?.abort();
    this.asking = undefined;
  }

  async finish(): Promise<void> {
    const ending = [...this.waits.values()].map(({ done }) => done);
    this.keep(() => false);
    await Promise.all(ending);
  }

  private async askUntil(signal: AbortSignal): Promise<void> {
    for (;;) {
      await delay(CHECK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.checkAgain();
    }
  }

  private async hold({ path }: ProjectKernel, signal: AbortSignal): Promise<void> {
    await withFileLock(waitingLock(path), { timeoutMs: 0 }, async ({ draft }) => {
      await writeLeader(draft, asLeader('ic lead', this.clock.nowMs()));
      await untilAborted(signal);
    });
  }
}

/** Resolves when the signal is aborted. Keeps the process alive until then. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await delay(LONGEST_MS, undefined, { signal }).catch(() => undefined);
}
