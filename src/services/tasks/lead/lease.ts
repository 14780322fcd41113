/**
 * Ensures that one program leads a folder, a window or `ic lead`; others watch and take over when it ends
 * (`docs/design/tasks.md#leading-and-recovery`). A person may let another program take over: it leaves a request next
 * to the lock, and the leader hands over.
 */
import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { withinFence } from '../../../host/locks/fence';
import { ifThere } from '../../../host/files/fileErrors';
import { withFileLock } from '../../../host/locks/fileLock';
import type { Log } from '../../../host/log';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import type { Clock } from '../../../kernel/ports';
import { noteJobFailure, noteJobSuccess } from '../../failures/jobFailures';
import type { ProjectKernel } from '../../record/projectKernel';
import {
  asLeader,
  dropLeadRequest,
  leaderLock,
  leaderOf,
  leadRequester,
  requestLead,
  REQUEST_LASTS_MS,
  writeLeader,
  type Leader,
  type LeaderProgram,
} from '../leader';

const ASK_AGAIN_MS = 3000;
/** The interval while another program is asked to hand over. */
const ASK_SOON_MS = 100;
const LOOK_MS = 1000;

const LEADING = { stage: 'lease' } as const;
/** How long other programs, which check every few seconds, have to take over from a program that hands over. */
export const HANDED_OVER_MS = 15_000;

export interface LeaseDeps {
  readonly kernel: ProjectKernel;
  readonly program: LeaderProgram;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with the other leader whenever it changes; undefined if unknown. */
  readonly onOther: (leader: Leader | undefined) => void;
}

export class Lease {
  /** When this program requested to take over, in milliseconds. */
  private requestedMs: number | undefined;
  /** Until when it leaves the lease to others, on the process's own clock. */
  private leftUntil = 0;
  private lost: AbortController | undefined;
  private wake: (() => void) | undefined;
  private hasFailed = false;
  private reportedLeader = '';
  private reported = '';

  constructor(private readonly deps: LeaseDeps) {}

  /**
   * Runs `work` while this process leads the project of the database, until `signal` is aborted. It takes over from a
   * holder that died. A holder that slept so long that another program took over, or that must hand over, ends its work
   * by the work's signal and waits for its next turn. Obstacles, such as a full disk, are logged and retried.
   */
  async hold(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { log } = this.deps;
    while (!signal.aborted) {
      try {
        if (await this.isItsTurn()) await this.once(signal, work);
        else await this.reportOther();
        await this.noteSuccess();
      } catch (error) {
        if (KernelError.is(error, 'DATABASE_BUSY')) {
          await this.reportOther();
          await this.noteSuccess();
        } else {
          this.report(log, problemOf(error));
          this.hasFailed = true;
          await noteJobFailure(this.deps, LEADING, error, this.deps.clock.nowMs() + ASK_AGAIN_MS);
        }
      }
      await this.lapse();
      await this.pause(this.requestedMs === undefined ? ASK_AGAIN_MS : ASK_SOON_MS, signal);
    }
    await this.dropOwn();
  }

  /** Requests the lead, and takes over as soon as the leader hands over. */
  async ask(): Promise<void> {
    const { kernel, program, clock } = this.deps;
    const nowMs = clock.nowMs();
    await requestLead(kernel.path, asLeader(program, nowMs));
    this.requestedMs = nowMs;
    this.wake?.();
  }

  /** Ends the work of this program as its leader. Others have time to take over before it asks again. */
  handOver(): void {
    if (this.lost === undefined) return;
    this.leftUntil = performance.now() + HANDED_OVER_MS;
    this.lost.abort(new Error('A person hands over.'));
  }

  private async noteSuccess(): Promise<void> {
    this.reported = '';
    if (!this.hasFailed) return;
    this.hasFailed = false;
    await noteJobSuccess(this.deps, LEADING);
  }

  /** A program that a person chose goes first. */
  private async isItsTurn(): Promise<boolean> {
    if (this.requestedMs !== undefined) return true;
    if (performance.now() < this.leftUntil) return false;
    return (await leadRequester(this.deps.kernel.path, this.deps.clock.nowMs())) === undefined;
  }

  private async once(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { kernel, program, clock } = this.deps;
    await withFileLock(leaderLock(kernel.path), { timeoutMs: 0 }, async ({ draft }) => {
      // The file only names the leader, so it leads even if the disk is full.
      await writeLeader(draft, asLeader(program, clock.nowMs())).catch((error: unknown) => {
        this.deps.log.warn('leader file not written', { problem: problemOf(error) });
      });
      await this.dropOwn();
      this.reportedLeader = '';
      await this.whileHeld(draft, signal, work);
    });
  }

  private async dropOwn(): Promise<void> {
    if (this.requestedMs === undefined) return;
    this.requestedMs = undefined;
    await dropLeadRequest(this.deps.kernel.path);
  }

  /** A leader that does not hand over, such as an older version, is polled slowly. */
  private async lapse(): Promise<void> {
    const { clock, log } = this.deps;
    if (this.requestedMs === undefined || Math.abs(clock.nowMs() - this.requestedMs) <= REQUEST_LASTS_MS) return;
    log.warn('leader did not hand over');
    await this.dropOwn();
  }

  private async whileHeld(
    draft: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const [lost, done] = [new AbortController(), new AbortController()];
    const watching = this.watch(draft, lost, done.signal);
    this.lost = lost;
    const check = (): void => this.refuseLost(draft, lost);
    try {
      await withinFence(check, () => work(AbortSignal.any([signal, lost.signal])));
    } finally {
      this.lost = undefined;
      done.abort();
      await watching;
    }
  }

  /**
   * The program that takes over a lock removes the holder's file in it. This check is synchronous, so that a holder
   * that wakes detects it before it does anything.
   * @throws KernelError `LEAD_LOST`
   */
  private refuseLost(draft: string, lost: AbortController): void {
    if (isThere(draft)) return;
    lost.abort(new Error('Another program leads the folder.'));
    throw new KernelError('LEAD_LOST', { folder: this.deps.kernel.folder });
  }

  /** Checks from time to time, even if there is no work. */
  private async watch(draft: string, lost: AbortController, done: AbortSignal): Promise<void> {
    const { kernel, clock, log } = this.deps;
    while (!done.aborted && !lost.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: done }).catch(() => undefined);
      try {
        if ((await ifThere(lstat(draft))) === undefined) lost.abort(new Error('Another program leads the folder.'));
        const other = await leadRequester(kernel.path, clock.nowMs());
        if (other !== undefined) {
          log.info('handing over', { to: other.program, pid: other.pid, machine: other.machine });
          lost.abort(new Error('Another program is asked to lead the folder.'));
        }
      } catch (error) {
        this.report(log, problemOf(error));
      }
    }
  }

  private async reportOther(): Promise<void> {
    const other = await leaderOf(this.deps.kernel.path).catch(() => undefined);
    const known = other === undefined ? 'unknown' : JSON.stringify(other);
    if (known === this.reportedLeader) return;
    this.reportedLeader = known;
    this.deps.onOther(other);
  }

  private report(log: Log, problem: string): void {
    if (problem === this.reported) return;
    this.reported = problem;
    log.error('folder not led', { problem });
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.wake = () => woken.abort();
    await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined);
  }
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A disk that does not answer does not prove another leader; writes and starts there fail on their own.
    return true;
  }
}
