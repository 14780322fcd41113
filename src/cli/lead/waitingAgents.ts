/** Agents in sessions that wait for a person, each logged with what to do: without a window, no view shows them. */
import type { PermissionRule } from '../../contract/permissions/model';
import { systemClock } from '../../host/clock';
import type { Log, LogFields } from '../../host/log';
import { rulesDigest } from '../../host/session/rulesDigest';
import type { Disposable } from '../../kernel/emitter';
import type { Clock } from '../../kernel/ports';
import type { ObservedRequest, ObservedSession } from '../../services/attention/items/agentItems';
import { allowance } from '../output/answerCommand';
import { FolderSessions } from '../../services/attention/sessions/folderSessions';
import type { LedRecords } from '../../services/dispatch/queue/ledRecords';
import type { ProjectKernel } from '../../services/record/kernels';

/** How long a session may take to get the leader's rules. */
const RULES_ARRIVE_MS = 10_000;

export class WaitingAgents implements Disposable {
  private readonly sessions = new Map<ProjectKernel, FolderSessions>();
  private readonly logged = new Set<string>();
  /** Dispatches whose session has other rules, since when, in milliseconds. */
  private readonly unjudged = new Map<string, number>();
  private together: { readonly dispatches: string; readonly sinceMs: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly subscriptions: readonly Disposable[];

  constructor(
    records: Pick<LedRecords, 'onDidChange' | 'onDidChangeState'>,
    private readonly storages: () => readonly string[],
    /** Those that the leader gives to sessions; undefined where it gives none. */
    private readonly rules: () => readonly PermissionRule[] | undefined,
    private readonly log: Log,
    private readonly clock: Clock = systemClock,
  ) {
    this.subscriptions = [
      records.onDidChangeState(({ kernel }) => this.sessionsOf(kernel).note()),
      records.onDidChange(({ kernel }) => this.sessionsOf(kernel).note()),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const part of [...this.subscriptions, ...this.sessions.values()]) part.dispose();
  }

  /** Whether the agent of a dispatch waits for an answer, or is paused, as its session was last read. */
  readonly isWaiting = (dispatchId: string): boolean => {
    const session = this.all()
      .find(({ sessions }) => sessions.has(dispatchId))
      ?.sessions.get(dispatchId);
    return session !== undefined && this.waits(dispatchId, session);
  };

  get isAnyWaiting(): boolean {
    return this.all().some(({ sessions }) => [...sessions].some(([id, session]) => this.waits(id, session)));
  }

  /** Since when exactly these dispatches run and all wait for a person, in milliseconds; undefined if one does not. */
  waitingSince(dispatches: readonly string[]): number | undefined {
    if (!dispatches.every(this.isWaiting)) this.together = undefined;
    else if (this.together?.dispatches !== String(dispatches)) {
      this.together = { dispatches: String(dispatches), sinceMs: this.clock.nowMs() };
    }
    return this.together?.sinceMs;
  }

  /** Reads all sessions again, and logs what waits. */
  async read(): Promise<void> {
    for (const [kernel, sessions] of this.sessions) {
      await sessions.look();
      this.look(kernel, sessions);
    }
  }

  private all(): readonly FolderSessions[] {
    return [...this.sessions.values()];
  }

  private sessionsOf(kernel: ProjectKernel): FolderSessions {
    const known = this.sessions.get(kernel);
    if (known !== undefined) return known;
    const { log, storages } = this;
    const onChanged = (): void => this.look(kernel, sessions);
    const sessions = new FolderSessions({ kernel, log, storages, onChanged });
    this.sessions.set(kernel, sessions);
    return sessions;
  }

  private look({ folder }: ProjectKernel, { sessions }: FolderSessions): void {
    for (const [dispatchId, session] of sessions) {
      const { requests, pause } = session;
      for (const request of this.isJudged(dispatchId, session) ? requests : []) {
        const key = `${dispatchId} ${request.number}`;
        this.logOnce(key, { folder, dispatchId, ...request.facts, hint: hintOf(dispatchId, request) });
      }
      if (pause === 'paused')
        this.logOnce(dispatchId, { folder, dispatchId, paused: true, hint: `ic dispatch resume ${dispatchId}` });
      else this.logged.delete(dispatchId);
    }
  }

  private waits(id: string, session: ObservedSession): boolean {
    return session.pause === 'paused' || (session.requests.length > 0 && this.isJudged(id, session));
  }

  /**
   * Whether its requests are for a person: a session that is about to get the leader's rules may answer them itself. One
   * that keeps other rules, because another program gave it those, is not waited for.
   */
  private isJudged(id: string, { rulesDigest: known }: ObservedSession): boolean {
    const rules = this.rules();
    if (rules === undefined || known === undefined || known === rulesDigest(rules)) {
      this.unjudged.delete(id);
      return true;
    }
    const nowMs = this.clock.nowMs();
    const sinceMs = this.unjudged.get(id) ?? nowMs;
    this.unjudged.set(id, sinceMs);
    if (nowMs - sinceMs >= RULES_ARRIVE_MS) return true;
    this.timer ??= setTimeout(() => this.lookAgain(), RULES_ARRIVE_MS).unref();
    return false;
  }

  private lookAgain(): void {
    this.timer = undefined;
    for (const [kernel, sessions] of this.sessions) this.look(kernel, sessions);
  }

  private logOnce(key: string, fields: LogFields): void {
    if (this.logged.has(key)) return;
    this.logged.add(key);
    this.log.warn('agent waits for a person', fields);
  }
}

function hintOf(dispatchId: string, { number, kind }: ObservedRequest): string {
  if (kind === 'questionAsked') return `ic dispatch session ${dispatchId}, which lists the fields of the answer`;
  return `${allowance(dispatchId, number)}; or a rule in intercore.agents.permissionRules, or the policy denyAsked`;
}
