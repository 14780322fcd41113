/** Logs requests of agents in sessions that wait for an answer: without a window, no view shows them. */
import type { Log } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import type { ObservedRequest } from '../../services/attention/items/agentItems';
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
    for (const [dispatchId, { requests }] of sessions) {
      for (const request of requests) {
        const key = `${dispatchId} ${request.number}`;
        if (this.logged.has(key)) continue;
        this.logged.add(key);
        this.log.warn('agent waits for a person', { folder, dispatchId, ...request.facts, hint: hintOf(key, request) });
      }
    }
  }
}

function hintOf(request: string, { kind }: ObservedRequest): string {
  if (kind === 'questionAsked') return `ic dispatch answer ${request} accept --values=JSON`;
  return `ic dispatch answer ${request} allow; or a rule in intercore.agents.permissionRules, or the policy denyAsked`;
}
