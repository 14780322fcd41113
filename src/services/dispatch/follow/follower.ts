/**
 * Follows one live agent until it ends: its log, its progress, its time limit and its ending
 * (`docs/design/agents.md#from-start-to-end`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentKind } from '../../../contract/agentKinds';
import type { Log } from '../../../host/log';
import { endAgentProcesses, whenGone } from '../../../host/launcher/agentProcess';
import type { ProcessIdentity } from '../../../host/process/processIdentity';
import type { DispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { DispatchId } from '../../../kernel/ids';
import { KernelError } from '../../../kernel/errors/errors';
import { recordProgress } from '../../../kernel/dispatch/service';
import { progressOf, type AgentReport } from '../../agents/output/report';
import type { DispatchKernel } from '../../record/dispatchKernel';
import { LogReading } from '../../agents/outputReader';
import { storeDecisions } from '../end/decisions';
import { settle, type EndedDispatch } from '../end/settlement';

/** Progress is stored at most this often. */
const PROGRESS_MS = 1000;

/**
 * How often the process of another window's launcher is checked: there is no event for the exit of another process's
 * child.
 */
const LIVENESS_MS = process.platform === 'linux' ? 1000 : 3000;

/** The launcher enforces the time limit. If it has not done so this long after its grace period, we do. */
const OVERDUE_MARGIN_MS = 2000;

/** The longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Delays before storing the ending is retried. */
const RETRY_MS = [1000, 5000, 15_000, 60_000];

export interface LiveDispatch {
  readonly kernel: DispatchKernel;
  readonly id: DispatchId;
  readonly kind: AgentKind;
  readonly files: DispatchFiles;
  readonly launcher: ProcessIdentity;
  /** Known for an agent started here; an adopted one is polled. */
  readonly gone: Promise<void> | undefined;
  readonly timeLimitSec: number | null;
  /** Remaining milliseconds of the time limit; null for none. */
  readonly remainingMs: number | null;
}

export interface FollowerOptions {
  readonly graceMs: number;
  readonly log: Log;
  readonly accounts: EndedDispatch['accounts'];
  readonly onOutput: (file: string) => void;
  /** Called when the agent has ended, with the promise that stores its ending. */
  readonly onEnding: (stored: Promise<void>) => void;
}

export class Follower {
  /** Resolves once the ending is stored, or following has stopped. Never rejects. */
  readonly done: Promise<void>;
  private readonly reading: LogReading;
  private readonly abort = new AbortController();
  private progressTimer: NodeJS.Timeout | undefined;
  private limitTimer: NodeJS.Timeout | undefined;
  private storing: Promise<void> = Promise.resolve();
  private stored: AgentReport | undefined;
  private overdue = false;

  constructor(
    private readonly live: LiveDispatch,
    private readonly options: FollowerOptions,
  ) {
    const onProblem = (error: KernelError) => this.options.log.warn('log not readable', { problem: error.message });
    this.reading = new LogReading(live.files, live.kind, () => this.onGrown(), onProblem);
    this.done = this.follow();
  }

  /** Ends the agent and its children, if it still runs. A failure is logged. */
  async endProcess(): Promise<void> {
    const { id, files } = this.live;
    try {
      await endAgentProcesses(files, this.options.graceMs);
    } catch (error) {
      this.options.log.error('agent not ended', { id, error });
    }
  }

  /** Stops following; the agent continues. */
  async dispose(): Promise<void> {
    this.abort.abort();
    await this.done;
  }

  private async follow(): Promise<void> {
    this.reading.follow();
    this.armTimeLimit();
    try {
      await Promise.race([this.live.gone ?? whenGone(this.live.launcher, LIVENESS_MS, this.signal), this.aborted()]);
      clearTimeout(this.progressTimer);
      await this.storing;
      const ending = this.storeEnding();
      this.options.onEnding(ending);
      await ending;
    } catch (error) {
      if (!this.signal.aborted) this.options.log.error('following failed', { id: this.live.id, error });
    } finally {
      clearTimeout(this.limitTimer);
      clearTimeout(this.progressTimer);
      await this.storing;
      await this.reading.dispose();
    }
  }

  private get signal(): AbortSignal {
    return this.abort.signal;
  }

  private aborted(): Promise<never> {
    return new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(new Error('following stopped')), { once: true });
    });
  }

  private onGrown(): void {
    this.options.onOutput(this.live.files.log);
    if (this.progressTimer !== undefined || this.signal.aborted) return;
    this.progressTimer = setTimeout(() => {
      this.progressTimer = undefined;
      this.storing = this.storeProgress();
    }, PROGRESS_MS).unref();
  }

  /** Intermediate figures are a convenience. If storing them fails, the ending contains them. */
  private async storeProgress(): Promise<void> {
    const { report } = this.reading;
    const { kernel, id, kind } = this.live;
    await storeDecisions(kernel, id, this.reading, this.options.log);
    if (report === this.stored || kind.parser === 'plain') return;
    this.stored = report;
    try {
      await kernel.write((u) => recordProgress(u, id, progressOf(report, kind.usage)));
    } catch (error) {
      this.options.log.warn('progress not stored', { id, error });
    }
  }

  private armTimeLimit(): void {
    const { remainingMs } = this.live;
    if (remainingMs === null) return;
    const waitMs = Math.max(0, remainingMs) + this.options.graceMs + OVERDUE_MARGIN_MS;
    this.limitTimer = setTimeout(
      () => {
        this.overdue = true;
        void this.endProcess();
      },
      Math.min(waitMs, MAX_DELAY_MS),
    ).unref();
  }

  /** The facts stay on disk, so any program can store the ending later. */
  private async storeEnding(): Promise<void> {
    const { kernel, id, files, timeLimitSec } = this.live;
    const { graceMs, accounts } = this.options;
    const subject = { kernel, id, files, timeLimitSec, overdue: this.overdue, graceMs, accounts };
    for (const waitMs of [...RETRY_MS, undefined]) {
      try {
        await settle(subject, this.reading);
        return;
      } catch (error) {
        this.options.log.error('ending not stored', { id, error });
        if (waitMs === undefined || KernelError.is(error, 'NOT_FOUND')) return;
        await delay(waitMs, undefined, { signal: this.signal, ref: false });
      }
    }
  }
}
