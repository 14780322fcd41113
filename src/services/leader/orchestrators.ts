/**
 * One orchestrator for each folder that has projects and may be worked in (`docs/design/tasks.md#a-task-and-its-run`):
 * in a window, or by `ic lead`.
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
import type { Leader } from '../tasks/lead/leader';
import { Orchestrator } from '../tasks/lead/orchestrator';

export interface OrchestratorsDeps {
  readonly kernels: Pick<WorkspaceKernels, 'all' | 'get' | 'onDidChange' | 'onDidChangeState' | 'onDidChangeFolders'>;
  readonly trusted: Trusted;
  readonly log: Log;
  /** Whether a person has to allow something first. */
  readonly isForbidden: (kernel: ProjectKernel) => boolean;
  /** Told when there may be work that waits for that. */
  readonly onForbidden: (kernel: ProjectKernel) => void;
  readonly tasks: (kernel: ProjectKernel) => TaskDeps;
  /** Whether it takes over from the present leader of a folder. */
  readonly takesOver?: boolean;
}

export class Orchestrators implements Disposable {
  private readonly members = new Map<ProjectKernel, Orchestrator>();
  /** Kernels whose agents were adopted: nobody starts one twice then. */
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

  /** Fires when who orchestrates a folder may have changed. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** The agents of the folder that were running before are followed again. */
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
    return this.isReady(kernel) && this.deps.isForbidden(kernel) ? 'forbidden' : 'off';
  }

  /** Whether this program leads the folder and nothing is left to do but what a person decides. */
  isAtRest(folder: string): boolean {
    return this.memberOf(folder)?.isAtRest ?? false;
  }

  /** Who leads the folder instead, where that is known. */
  leader(folder: string): Leader | undefined {
    return this.memberOf(folder)?.leader;
  }

  /** Takes over from the present leader of the folder. False where agents may not work there now. */
  async takeOver(folder: string): Promise<boolean> {
    const member = this.memberOf(folder);
    await member?.takeOver();
    return member !== undefined;
  }

  /** Lets go of the folder, for another program that waits for it. False where this program does not lead it. */
  async handOver(folder: string): Promise<boolean> {
    const member = this.memberOf(folder);
    if (member?.isLeading !== true) return false;
    await member.handOver();
    return true;
  }

  /** Whether agents could work in the folder: its record can be written and has projects. */
  isReady(kernel: ProjectKernel): boolean {
    const isUsable = kernel.state.kind === 'ready' && this.deps.trusted() && this.takenUp.has(kernel);
    return isUsable && kernel.read((r) => listProjects(r)).length > 0;
  }

  /** Settings, trust or what is allowed have changed. */
  checkAll(): void {
    for (const kernel of this.deps.kernels.all()) this.look(kernel);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
  }

  /** Lets go of all folders. Agents continue, and whoever leads next takes them up. */
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
      // Being read again is no reason to let go.
      if (isOpen && kernel.state.kind !== 'loading') this.close(kernel);
    } else if (isOpen && origin === 'commit') {
      // What this program writes brings no task of somebody else's, and settings are checked when they change.
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
      log.error('the lead is not taken over', { folder: kernel.folder, problem: problemOf(error) });
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
