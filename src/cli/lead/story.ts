/** Logs every change of tasks and subtasks, and the end of every dispatch, by any program. */
import type { Log } from '../../host/log';
import { activeDispatches, findDispatch } from '../../kernel/dispatch/service';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { Disposable } from '../../kernel/emitter';
import type { DispatchId } from '../../kernel/ids';
import type { Reader } from '../../kernel/unit';
import { listTasks } from '../../kernel/tasks/service';
import { readableSubtasks } from '../../kernel/tasks/subtask/subtasks';
import type { ProjectKernel, WorkspaceKernels } from '../../services/record/kernels';

interface Moment {
  readonly what: 'task' | 'subtask';
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly problem: string | null;
}

/** Logs changes only: the state at the first check is not an event. */
export class Story implements Disposable {
  private readonly known = new WeakMap<ProjectKernel, ReadonlyMap<string, string>>();
  private readonly running = new WeakMap<ProjectKernel, ReadonlySet<DispatchId>>();
  private readonly subscriptions: readonly Disposable[];

  constructor(
    kernels: Pick<WorkspaceKernels, 'onDidChange' | 'onDidChangeState'>,
    private readonly log: Log,
  ) {
    this.subscriptions = [
      kernels.onDidChangeState(({ kernel }) => this.checkDispatches(kernel)),
      kernels.onDidChange(({ kernel }) => {
        this.look(kernel);
        this.checkDispatches(kernel);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private checkDispatches(kernel: ProjectKernel): void {
    if (kernel.state.kind !== 'ready') return;
    const now = new Set(kernel.read((r) => activeDispatches(r)).map(({ id }) => id));
    const before = this.running.get(kernel) ?? [];
    this.running.set(kernel, now);
    for (const id of before) {
      const ended = now.has(id) ? undefined : kernel.read((r) => findDispatch(r, id));
      if (ended !== undefined) this.logEnd(kernel.folder, ended);
    }
  }

  private logEnd(folder: string, { id, status, exitCode, errorMessage }: Dispatch): void {
    const fields = { folder, id, status, exitCode: exitCode ?? undefined, problem: errorMessage ?? undefined };
    if (status === 'completed') this.log.info('dispatch ended', fields);
    else this.log.warn('dispatch ended', fields);
  }

  private look(kernel: ProjectKernel): void {
    if (kernel.state.kind !== 'ready') return;
    const now = kernel.read(momentsOf);
    const before = this.known.get(kernel);
    this.known.set(kernel, new Map(now.map(({ id, status, problem }) => [id, `${status} ${problem ?? ''}`])));
    if (before === undefined) return;
    for (const { what, id, title, status, problem } of now) {
      if (before.get(id) === `${status} ${problem ?? ''}`) continue;
      const fields = { folder: kernel.folder, id, status, title, problem: problem ?? undefined };
      if (problem === null) this.log.info(what, fields);
      else this.log.warn(what, fields);
    }
  }
}

function momentsOf(r: Reader): Moment[] {
  return listTasks(r).flatMap((task): Moment[] => [
    { what: 'task', id: task.id, title: task.title, status: task.status, problem: task.planningError },
    ...readableSubtasks(r, task.id).sound.map(({ id, title, status, lastError }): Moment => ({
      what: 'subtask',
      id,
      title,
      status,
      problem: lastError,
    })),
  ]);
}
