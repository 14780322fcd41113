/**
 * One program orchestrates a folder, a window or `ic lead`; others watch and step in when it goes (`spec/village.md`
 * §21). A person may let another one take over: it leaves a wish beside the lock, and the leader lets go.
 */
import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ifThere } from '../../host/fileErrors';
import { withFileLock } from '../../host/fileLock';
import type { Log } from '../../host/log';
import { KernelError, problemOf } from '../../kernel/errors';
import type { Clock } from '../../kernel/ports';
import {
  asLeader,
  dropWish,
  leaderLock,
  leaderOf,
  wisher,
  wishToLead,
  WISH_LASTS_MS,
  writeLeader,
  type Leader,
  type LeadingProgram,
} from './leader';

const ASK_AGAIN_MS = 3000;
/** While another one is asked to let go. */
const ASK_SOON_MS = 100;
const LOOK_MS = 1000;

export interface LeaseDeps {
  readonly databasePath: string;
  readonly program: LeadingProgram;
  readonly clock: Clock;
  readonly log: Log;
  /** Told who leads instead, whenever that changes; undefined where that is not known. */
  readonly onOther: (leader: Leader | undefined) => void;
}

export class Lease {
  /** Since when this program wants to take over, in milliseconds. */
  private wishedMs: number | undefined;
  private wake: (() => void) | undefined;
  private told = '';
  private reported = '';

  constructor(private readonly deps: LeaseDeps) {}

  /**
   * Runs `work` whenever this process alone may orchestrate the project of the database, until `signal` is aborted. A
   * holder that died is stepped in for. One that slept so long that another stepped in for it, or that another wants to
   * take over from, is told to end by the signal that it was given, and waits for its turn again. What hinders, as a full
   * disk, is in the log and tried again.
   */
  async hold(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { databasePath, log } = this.deps;
    while (!signal.aborted) {
      try {
        // Whoever has asked for it goes first.
        const other = await wisher(databasePath, this.deps.clock.nowMs());
        if (other === undefined || this.wishedMs !== undefined) await this.once(signal, work);
        this.reported = '';
      } catch (error) {
        if (KernelError.is(error, 'DATABASE_BUSY')) await this.tellOther();
        else this.report(log, problemOf(error));
      }
      await this.lapse();
      await this.pause(this.wishedMs === undefined ? ASK_AGAIN_MS : ASK_SOON_MS, signal);
    }
    await this.dropOwn();
  }

  /** Asks the leader to let go, and takes over as soon as it has. */
  async ask(): Promise<void> {
    const { databasePath, program, clock } = this.deps;
    const nowMs = clock.nowMs();
    await wishToLead(databasePath, asLeader(program, nowMs));
    this.wishedMs = nowMs;
    this.wake?.();
  }

  private async once(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { databasePath, program, clock } = this.deps;
    await withFileLock(leaderLock(databasePath), { timeoutMs: 0 }, async ({ draft }) => {
      // Only who it is stands in it: where the disk is full it leads all the same.
      await writeLeader(draft, asLeader(program, clock.nowMs())).catch((error: unknown) => {
        this.deps.log.warn('who leads is not told', { problem: problemOf(error) });
      });
      await this.dropOwn();
      await this.whileHeld(draft, signal, work);
    });
  }

  private async dropOwn(): Promise<void> {
    if (this.wishedMs === undefined) return;
    this.wishedMs = undefined;
    await dropWish(this.deps.databasePath);
  }

  /** A leader that does not let go, as one of an older version, is not waited for in haste. */
  private async lapse(): Promise<void> {
    const { clock, log } = this.deps;
    if (this.wishedMs === undefined || Math.abs(clock.nowMs() - this.wishedMs) <= WISH_LASTS_MS) return;
    log.warn('the leader has not let go');
    await this.dropOwn();
  }

  private async whileHeld(
    draft: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const [lost, done] = [new AbortController(), new AbortController()];
    const watching = this.watch(draft, lost, done.signal);
    try {
      await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      done.abort();
      await watching;
    }
  }

  /** Whoever takes a lock over removes the file that the holder keeps in it. */
  private async watch(draft: string, lost: AbortController, done: AbortSignal): Promise<void> {
    const { databasePath, clock, log } = this.deps;
    while (!done.aborted && !lost.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: done }).catch(() => undefined);
      try {
        if ((await ifThere(lstat(draft))) === undefined) lost.abort(new Error('Another program leads the folder.'));
        const other = await wisher(databasePath, clock.nowMs());
        if (other !== undefined) {
          log.info('handing over', { to: other.program, pid: other.pid, machine: other.machine });
          lost.abort(new Error('Another program is asked to lead the folder.'));
        }
      } catch (error) {
        this.report(log, problemOf(error));
      }
    }
  }

  private async tellOther(): Promise<void> {
    const other = await leaderOf(this.deps.databasePath).catch(() => undefined);
    const known = other === undefined ? 'unknown' : JSON.stringify(other);
    if (known === this.told) return;
    this.told = known;
    this.deps.onOther(other);
  }

  private report(log: Log, problem: string): void {
    if (problem === this.reported) return;
    this.reported = problem;
    log.error('the folder is not led', { problem });
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.wake = () => woken.abort();
    await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined);
  }
}
