/** What the views know of one folder's projects and tasks: read on demand, kept until a change touches it. */
import type { Change } from '../../../kernel/change';
import type { Decoded, InvalidRow } from '../../../kernel/db/rows';
import { KernelError, lacksTables } from '../../../kernel/errors/errors';
import type { RunId } from '../../../kernel/ids';
import type { Reader, Sync } from '../../../kernel/unit';
import type { Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { readableProjects, readableTasks, tasksOfRuns } from '../../../kernel/tasks/service';
import { subtasksAmong } from '../../../kernel/tasks/subtask/subtasks';
import { TaskContents } from './taskContents';

/** The projects of a folder and their tasks, newest first. */
export interface TaskList {
  readonly projects: readonly Project[];
  readonly tasks: readonly Task[];
  /** Stored projects and tasks that cannot be read. */
  readonly invalid: readonly InvalidRow[];
}

const NONE: Decoded<Task> = { sound: [], invalid: [] };

export class TaskRecord {
  private known: TaskList | KernelError | undefined;
  /** Runs that changed since the list was read. */
  private readonly touched = new Set<RunId>();
  private areProjectsStale = false;
  private readonly contents = new Map<RunId, TaskContents>();

  constructor(private readonly read: <T>(work: (reader: Reader) => Sync<T>) => T) {}

  /** Everything there is, or why it cannot be read. A record of another version may have none of it. */
  list(): TaskList | KernelError {
    if (this.known === undefined || this.touched.size > 0 || this.areProjectsStale) {
      this.known = this.guarded(() => (this.known === undefined ? this.readList() : this.updated(this.known)));
      this.touched.clear();
      this.areProjectsStale = false;
    }
    return this.known;
  }

  projects(): readonly Project[] {
    const list = this.list();
    return list instanceof KernelError ? [] : list.projects;
  }

  tasks(): readonly Task[] {
    const list = this.list();
    return list instanceof KernelError ? [] : list.tasks;
  }

  task(id: string): Task | undefined {
    return this.tasks().find((task) => task.id === id);
  }

  contentsOf(task: Task): TaskContents {
    const known = this.contents.get(task.runId);
    if (known !== undefined) return known;
    const contents = new TaskContents(task.id, this.read);
    this.contents.set(task.runId, contents);
    return contents;
  }

  /** A subtask with the task it is of. */
  find(subtaskId: string): { readonly task: Task; readonly subtask: Subtask } | undefined {
    const [found] = this.read((r) => subtasksAmong(r, [subtaskId])).sound;
    const task = found && this.task(found.taskId);
    const subtask = task && this.contentsOf(task).subtask(subtaskId);
    return task === undefined || subtask === undefined ? undefined : { task, subtask };
  }

  /** Whatever belongs to a task touches its run, and whatever belongs to a subtask touches that too. */
  note(change: Change): void {
    if (change.other) this.areProjectsStale = true;
    for (const id of change.runs) {
      this.touched.add(id);
      this.contents.get(id)?.touch(change.subtasks);
    }
    const dispatches = [...change.dispatches];
    if (dispatches.length > 0) for (const contents of this.contents.values()) contents.touchDispatches(dispatches);
  }

  forget(): void {
    this.known = undefined;
    this.contents.clear();
  }

  private readList(): TaskList {
    return this.read((r) => {
      const [projects, tasks] = [readableProjects(r), readableTasks(r)];
      return { projects: projects.sound, tasks: tasks.sound, invalid: [...projects.invalid, ...tasks.invalid] };
    });
  }

  /** Reads again the tasks of runs that changed, and the projects where they may have. */
  private updated(before: TaskList | KernelError): TaskList {
    if (before instanceof KernelError || before.invalid.length > 0) return this.readList();
    const changed = this.touched.size === 0 ? NONE : this.read((r) => tasksOfRuns(r, [...this.touched]));
    const projects = this.areProjectsStale ? this.read(readableProjects) : { sound: before.projects, invalid: [] };
    if (changed.invalid.length + projects.invalid.length > 0) return this.readList();
    return { projects: projects.sound, tasks: this.withChanged(before.tasks, changed.sound), invalid: [] };
  }

  /** The order is that of creation, so a task that is known keeps its place. */
  private withChanged(before: readonly Task[], changed: readonly Task[]): readonly Task[] {
    if (this.touched.size === 0) return before;
    const now = new Map(changed.map((task) => [task.runId, task]));
    const tasks = before.flatMap((task) => {
      if (!this.touched.has(task.runId)) return [task];
      const found = now.get(task.runId);
      now.delete(task.runId);
      return found ?? [];
    });
    for (const task of now.values()) {
      const next = tasks.findIndex(({ createdAt }) => createdAt <= task.createdAt);
      tasks.splice(next < 0 ? tasks.length : next, 0, task);
    }
    return tasks;
  }

  private guarded(read: () => TaskList): TaskList | KernelError {
    try {
      return read();
    } catch (error) {
      if (lacksTables(error)) return { projects: [], tasks: [], invalid: [] };
      if (error instanceof KernelError) return error;
      throw error;
    }
  }
}
