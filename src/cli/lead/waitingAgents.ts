/** Agents in sessions that wait for a person, each logged with what to do: without a window, no view shows them. */
import type { Log, LogFields } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import type { ObservedRequest, ObservedSession } from '../../services/attention/items/agentItems';
import { allowance } from '../output/answerCommand';
import { FolderSessions } from '../../services/attention/sessions/folderSessions';
import type { LedRecords } from '../../services/dispatch/queue/ledRecords';
import type { ProjectKernel } from '../../services/record/kernels';

export class WaitingAgents implements Disposable {
  private readonly sessions = new Map<ProjectKernel, FolderSessions>();
  private readonly logged = new Set<string>();
  private readonly subscriptions: readonly Disposable[];

  constructor(
    records: Pick<LedRecords, 'onDidChange' | 'onDidChangeState'>,
    private readonly storages: () => readonly string[],
    private readonly log: Log,
  ) {
    this.subscriptions = [
      records.onDidChangeState(({ kernel }) => this.sessionsOf(kernel).note()),
      records.onDidChange(({ kernel }) => this.sessionsOf(kernel).note()),
    ];
  }

  dispose(): void {
    for (const part of [...this.subscriptions, ...this.sessions.values()]) part.dispose();
  }

  /** Whether the agent of a dispatch waits for an answer, or is paused, as its session was last read. */
  readonly isWaiting = (dispatchId: string): boolean => {
    const session = this.all()
      .find(({ sessions }) => sessions.has(dispatchId))
      ?.sessions.get(dispatchId);
    return session !== undefined && isWaiting(session);
  };

  get isAnyWaiting(): boolean {
    return this.all().some(({ sessions }) => [...sessions.values()].some(isWaiting));
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
    for (const [dispatchId, { requests, pause }] of sessions) {
      for (const request of requests) {
        const key = `${dispatchId} ${request.number}`;
        this.logOnce(key, { folder, dispatchId, ...request.facts, hint: hintOf(dispatchId, request) });
      }
      if (pause === 'paused')
        this.logOnce(dispatchId, { folder, dispatchId, paused: true, hint: `ic dispatch resume ${dispatchId}` });
      else this.logged.delete(dispatchId);
    }
  }

  private logOnce(key: string, fields: LogFields): void {
    if (this.logged.has(key)) return;
    this.logged.add(key);
    this.log.warn('agent waits for a person', fields);
  }
}

function isWaiting({ requests, pause }: ObservedSession): boolean {
  return requests.length > 0 || pause === 'paused';
}

function hintOf(dispatchId: string, { number, kind }: ObservedRequest): string {
  if (kind === 'questionAsked') return `ic dispatch session ${dispatchId}, which lists the fields of the answer`;
  return `${allowance(dispatchId, number)}; or a rule in intercore.agents.permissionRules, or the policy denyAsked`;
}
