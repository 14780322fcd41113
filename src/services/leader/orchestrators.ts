/**
 * One orchestrator for each folder with projects where agents may run (`docs/design/tasks.md#a-task-and-its-run`): in a
 * window, or by `ic lead`.
 */
import type { LeaderState } from '../../contract/results/tasks';
import type { Log } from '../../host/log';
import type { Trusted } from '../../host/process/startProcess';
import type { Change } from '../../kernel/change';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors/errors';
import { listProjects } from '../../kernel/tasks/service';
import type { ProjectKernel, WorkspaceKernels } from '../record/kernels';
import type { TaskDeps } from '../tasks/deps';
import type { Leader } from '../tasks/leader';
import type { IsBlocked, IsWaiting } from '../tasks/lead/openWork';
import { Orchestrator } from '../tasks/lead/orchestrator';

export interface OrchestratorsDeps {
  readonly kernels: Pick<WorkspaceKernels, 'all' | 'get' | 'onDidChange' | 'onDidChangeState' | 'onDidChangeFolders'>;
  readonly trusted: Trusted;
  readonly log: Log;
  /** Whether it is known which agents work in the folder. When it is, `checkAll` is called. */
  readonly isDecided: (folder: string) => boolean;
  /** Whether a person must allow something first. */
  readonly isForbidden: (kernel: ProjectKernel) => boolean;
  /** Called when work may wait for permission. */
  readonly onForbidden: (kernel: ProjectKernel) => void;
  readonly tasks: (kernel: ProjectKernel) => TaskDeps;
  /** Whether it takes over from the current leader of a folder. */
  readonly takesOver?: boolean;
}

export class Orchestrators implements Disposable {
  private readonly members = new Map<ProjectKernel, Orchestrator>();
  /** Kernels whose agents were adopted, so that no agent is started twice. */
  private readonly takenUp = new WeakSet<ProjectKernel>();
  private readonly closing = new Set<Promise<void>>();
  private readonly changes: Emitter<void>;
  private readonly subscriptions: readonly Disposable[];

  constructor(private readonly deps: OrchestratorsDeps) {
    const { kernels, log } = deps;
    this.changes = new Emitter((error) => log.error('listener failed', { error }));
    this.subscriptions = [
      kernels.onDidChange(({ kernel, change }) => this.look(kernel, change.origin)),
      kernels.onDidChangeState(({ kernel }) => this.look(kernel)),
      kernels.onDidChangeFolders(({ removed }) => {
        for (const kernel of removed) this.close(kernel);
      }),
    ];
  }

  /** Fires when the leader of a folder may have changed. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Call when the folder's running agents are followed again. */
  tookUp(kernel: ProjectKernel): void {
    // Portfolios have no tasks.
    if (this.deps.kernels.get(kernel.folder) !== kernel) return;
    this.takenUp.add(kernel);
    this.look(kernel);
  }

  leaderState(folder: string): LeaderState {
    const kernel = this.deps.kernels.get(folder);
    if (kernel === undefined) return 'off';
    const orchestrator = this.members.get(kernel);
    if (orchestrator !== undefined) return orchestrator.isLeading ? 'leading' : 'following';
    if (!this.isReady(kernel) || !this.deps.isDecided(folder)) return 'off';
    return this.deps.isForbidden(kernel) ? 'forbidden' : 'off';
  }

  /** Whether this program leads the folder, and all remaining work needs a person. */
  isAtRest(folder: string, isWaiting?: IsWaiting, isBlocked?: IsBlocked): boolean {
    return this.memberOf(folder)?.isAtRest(isWaiting, isBlocked) ?? false;
  }

  /** Work of the folder whose agents cannot start before a person acts, each with the limit. */
  blocked(folder: string, isBlocked: IsBlocked): ReturnType<Orchestrator['blocked']> {
    return this.memberOf(folder)?.blocked(isBlocked) ?? [];
  }

  /** The program that leads the folder instead, if known. */
  leader(folder: string): Leader | undefined {
    return this.memberOf(folder)?.leader;
  }

  /** Takes over from the current leader of the folder. False if agents must not run there now. */
  async takeOver(folder: string): Promise<boolean> {
    const member = this.memberOf(folder);
    await member?.takeOver();
    return member !== undefined;
  }

  /** Releases the folder for another program that waits for it. False if this program does not lead it. */
  async handOver(folder: string): Promise<boolean> {
    const member = this.memberOf(folder);
    if (member?.isLeading !== true) return false;
    await member.handOver();
    return true;
  }

  /** Whether agents could run in the folder: its record is writable and has projects. */
  isReady(kernel: ProjectKernel): boolean {
    const isUsable = kernel.state.kind === 'ready' && this.deps.trusted() && this.takenUp.has(kernel);
    return isUsable && kernel.read((r) => listProjects(r)).length > 0;
  }

  /** Call when settings, trust or permissions have changed. */
  checkAll(): void {
    for (const kernel of this.deps.kernels.all()) this.look(kernel);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
  }

  /** Releases all folders. Agents continue, and the next leader adopts them. */
  async finish(): Promise<void> {
    for (const kernel of [...this.members.keys()]) this.close(kernel);
    await Promise.all(this.closing);
  }

  private memberOf(folder: string): Orchestrator | undefined {
    const kernel = this.deps.kernels.get(folder);
    return kernel && this.members.get(kernel);
  }

  private look(kernel: ProjectKernel, origin: Change['origin'] = 'file'): void {
    const isOpen = this.members.has(kernel);
    if (!this.isReady(kernel)) {
      // A reload is no reason to release the folder.
      if (isOpen && kernel.state.kind !== 'loading') this.close(kernel);
    } else if (isOpen && origin === 'commit') {
      // What this program writes brings no task of somebody else's, and settings are checked when they change.
    } else if (!isOpen && !this.deps.isDecided(kernel.folder)) {
      // Neither permission nor the agents can be checked yet.
    } else if (this.deps.isForbidden(kernel)) {
      if (isOpen) this.close(kernel);
      this.deps.onForbidden(kernel);
    } else if (!isOpen) {
      this.open(kernel);
    }
  }

  private open(kernel: ProjectKernel): void {
    const orchestrator = new Orchestrator(this.deps.tasks(kernel));
    this.members.set(kernel, orchestrator);
    orchestrator.onDidChange(() => this.changes.fire());
    orchestrator.start();
    const { log, takesOver = false } = this.deps;
    log.info('tasks opened', { folder: kernel.folder });
    if (!takesOver) return;
    orchestrator.takeOver().catch((error: unknown) => {
      log.error('lead not taken over', { folder: kernel.folder, problem: problemOf(error) });
    });
  }

  private close(kernel: ProjectKernel): void {
    const orchestrator = this.members.get(kernel);
    if (orchestrator === undefined) return;
    this.members.delete(kernel);
    const closing = orchestrator
      .close()
      .catch((error: unknown) => this.deps.log.warn('tasks not closed', { problem: problemOf(error) }))
      .finally(() => this.closing.delete(closing));
    this.closing.add(closing);
    this.changes.fire();
  }
}
