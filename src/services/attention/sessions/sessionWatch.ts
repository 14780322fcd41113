/** Reads the session of one dispatch again whenever its host replaces the file, or was killed. */
import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import type { DispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { Log } from '../../../host/log';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { problemOf } from '../../../kernel/errors/errors';
import type { ObservedSession } from '../items/agentItems';
import { hasHost } from '../../../host/session/files/sessionFiles';
import { observeSession } from './observedSession';

/** Between a change and its reading, so that a talkative agent causes few readings. */
const REST_MS = 150;
/** An agent that talks changes what it is doing all the time; that alone is reported less often. */
const ACTIVITY_MS = 1000;
/** A host that is killed leaves its file as it was. It is checked while a request waits. */
const LIVENESS_MS = 1000;

export class SessionWatch {
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private liveness: NodeJS.Timeout | undefined;
  private reporting: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private isOver = false;
  private observed: ObservedSession | undefined;

  constructor(
    private readonly files: DispatchFiles,
    private readonly dispatch: Dispatch,
    private readonly log: Log,
    private readonly onChanged: () => void,
  ) {}

  /** Undefined where the dispatch has no session. */
  get session(): ObservedSession | undefined {
    return this.observed;
  }

  /** Reads the file, and watches for it from then on: its host may write it for the first time much later. */
  async look(): Promise<void> {
    await (this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    }));
  }

  dispose(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.liveness);
    clearTimeout(this.reporting);
    this.stop();
  }

  private async read(): Promise<void> {
    const before = this.observed;
    try {
      // Started first, so that no change between the reading and the watch is missed.
      this.begin();
      this.observed = await observeSession(this.files, this.dispatch);
    } catch (error) {
      this.log.debug('session not read', { dispatchId: this.dispatch.id, problem: problemOf(error) });
    }
    if (this.isOver) return;
    if (this.waits) this.checkHost();
    if (asText(this.observed) !== asText(before)) this.report();
    else if (this.observed?.activity !== before?.activity)
      this.reporting ??= setTimeout(() => this.report(), ACTIVITY_MS).unref();
  }

  private report(): void {
    clearTimeout(this.reporting);
    this.reporting = undefined;
    if (!this.isOver) this.onChanged();
  }

  private get waits(): boolean {
    return (this.observed?.requests.length ?? 0) > 0;
  }

  private checkHost(): void {
    const check = async (): Promise<void> => {
      this.liveness = undefined;
      const isAlive = await hasHost(this.files).catch(() => true);
      if (this.isOver) return;
      if (!isAlive) await this.look();
      else if (this.waits) this.checkHost();
    };
    this.liveness ??= setTimeout(() => void check(), LIVENESS_MS).unref();
  }

  /** Watches the folder, because each change replaces the file. */
  private begin(): void {
    if (this.watcher !== undefined || this.isOver) return;
    const { records, session } = this.files;
    const name = path.basename(session);
    try {
      this.watcher = watch(records, { persistent: false }, (_, changed) => {
        if (changed === null || changed === name) this.readSoon();
      });
      this.watcher.on('error', () => this.stop());
    } catch (error) {
      this.log.debug('session not watched', { dispatchId: this.dispatch.id, problem: problemOf(error) });
    }
  }

  private readSoon(): void {
    if (this.isOver) return;
    const again = async (): Promise<void> => {
      this.timer = undefined;
      // The reading may have missed a change that happened while it ran.
      await this.reading;
      await this.look();
    };
    this.timer ??= setTimeout(() => void again(), REST_MS).unref();
  }

  private stop(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }
}

/** Without what the agent is doing. */
function asText(session: ObservedSession | undefined): string {
  return session === undefined ? '' : JSON.stringify({ ...session, activity: '' });
}
