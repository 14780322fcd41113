/** Logs every change of tasks and subtasks, by any program. */
import type { Log } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import type { Reader } from '../../kernel/unit';
import { listTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import type { ProjectKernel, WorkspaceKernels } from '../../services/kernels';

interface Moment {
  readonly what: 'task' | 'subtask';
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly problem: string | null;
}

/** Begins where things stand at the first look: what was so before is no event. */
export class Story implements Disposable {
  private readonly known = new WeakMap<ProjectKernel, ReadonlyMap<string, string>>();
  private readonly subscription: Disposable;

  constructor(
    kernels: Pick<WorkspaceKernels, 'onDidChange'>,
    private readonly log: Log,
  ) {
    this.subscription = kernels.onDidChange(({ kernel }) => this.look(kernel));
  }

  dispose(): void {
    this.subscription.dispose();
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
