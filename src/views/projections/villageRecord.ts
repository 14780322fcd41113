/** What the views know of one folder's projects and tasks: read when somebody looks, kept until a change touches it. */
import type { Change } from '../../kernel/change';
import type { InvalidRow } from '../../kernel/db/rows';
import { KernelError } from '../../kernel/errors';
import type { RunId } from '../../kernel/ids';
import type { Reader, Sync } from '../../kernel/unit';
import { agentRunsOfTask } from '../../kernel/village/agentRuns';
import { leftIssues, type LeftIssue } from '../../kernel/village/issueEffects';
import type { AgentRun, Project, Subtask, Task } from '../../kernel/village/model';
import { edgesOf, listProjects, listTasks, unreadableRows } from '../../kernel/village/service';
import { stageFailures, type StageFailure } from '../../kernel/village/stageHolds';
import { readableSubtasks } from '../../kernel/village/subtasks';
import { trackedSubtasks } from '../../kernel/village/tracked';

/** The projects of a folder and their tasks, newest first. */
export interface VillageList {
  readonly projects: readonly Project[];
  readonly tasks: readonly Task[];
  /** Stored projects and tasks that cannot be read. */
  readonly invalid: readonly InvalidRow[];
}

/** One task with all that belongs to it. */
export class TaskContents {
  private readonly byId: ReadonlyMap<string, Subtask>;
  private readonly upstream = new Map<string, Subtask[]>();
  private readonly downstream = new Map<string, Subtask[]>();
  private readonly runs = new Map<string | null, AgentRun[]>();

  constructor(
    /** In their order. */
    readonly subtasks: readonly Subtask[],
    edges: readonly { readonly upstream: string; readonly downstream: string }[],
    attempts: readonly AgentRun[],
    private readonly issues: ReadonlyMap<string, TaskIssue>,
    /** Stored subtasks that cannot be read. */
    readonly invalid: readonly InvalidRow[],
    private readonly failures: readonly StageFailure[] = [],
  ) {
    this.byId = new Map(subtasks.map((subtask) => [subtask.id, subtask]));
    for (const edge of edges) {
      const [first, then] = [this.byId.get(edge.upstream), this.byId.get(edge.downstream)];
      if (first !== undefined) push(this.upstream, edge.downstream, first);
      if (then !== undefined) push(this.downstream, edge.upstream, then);
    }
    for (const attempt of attempts) push(this.runs, attempt.subtaskId, attempt);
  }

  subtask(id: string): Subtask | undefined {
    return this.byId.get(id);
  }

  /** Those it waits for, or waited for. */
  dependsOn(id: string): readonly Subtask[] {
    return this.upstream.get(id) ?? [];
  }

  dependents(id: string): readonly Subtask[] {
    return this.downstream.get(id) ?? [];
  }

  /** Undefined where the task is tracked in the record only. */
  issue(subtaskId: string): TaskIssue | undefined {
    return this.issues.get(subtaskId);
  }

  /** What failed last of a subtask, or of the task (null), and has not succeeded since. */
  failure(subtaskId: string | null): StageFailure | undefined {
    return this.failures.findLast((failure) => failure.subtaskId === subtaskId);
  }

  /** Of a subtask's worker, or of the planner (null); newest first. */
  attempts(subtaskId: string | null): readonly AgentRun[] {
    return this.runs.get(subtaskId) ?? [];
  }
}

/** The issue in Beads that stands for a subtask. */
export interface TaskIssue {
  readonly issueId: string;
  /** What became of it there though nobody had begun the subtask here. */
  readonly left: LeftIssue['how'] | undefined;
}

function issuesOf(r: Reader, task: Task): ReadonlyMap<string, TaskIssue> {
  const left = new Map(leftIssues(r, task.id).map(({ issueId, how }) => [issueId, how]));
  return new Map(
    trackedSubtasks(r, task.id).map(({ subtaskId, issueId }) => [subtaskId, { issueId, left: left.get(issueId) }]),
  );
}

/** A record that an older version wrote has no table of failures while it is only read. */
function failuresOf(r: Reader, task: Task): StageFailure[] {
  try {
    return stageFailures(r).filter(({ taskId }) => taskId === task.id);
  } catch (error) {
    if (KernelError.is(error, 'SQL_FAILED')) return [];
    throw error;
  }
}

/** What cannot be read is a row of its own, and hides nothing else of the task. */
function orInvalid<T>(read: () => T, otherwise: T, invalid: InvalidRow[]): T {
  try {
    return read();
  } catch (error) {
    if (!KernelError.is(error, 'ROW_INVALID')) throw error;
    const { id, column, problem } = error.facts;
    invalid.push({ id, column, problem });
    return otherwise;
  }
}

function push<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

export class VillageRecord {
  private known: VillageList | KernelError | undefined;
  private readonly contents = new Map<RunId, TaskContents>();

  constructor(private readonly read: <T>(work: (reader: Reader) => Sync<T>) => T) {}

  /** Everything there is, or why it cannot be read. A record of another version may have none of it. */
  list(): VillageList | KernelError {
    return (this.known ??= this.readList());
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
    const contents = this.read((r) => {
      const { sound, invalid } = readableSubtasks(r, task.id);
      const edges = orInvalid(() => edgesOf(r, task), [], invalid);
      const issues = orInvalid(() => issuesOf(r, task), new Map<string, TaskIssue>(), invalid);
      return new TaskContents(sound, edges, agentRunsOfTask(r, task.id), issues, invalid, failuresOf(r, task));
    });
    this.contents.set(task.runId, contents);
    return contents;
  }

  /** A subtask with the task it is of. */
  find(subtaskId: string): { readonly task: Task; readonly subtask: Subtask } | undefined {
    for (const task of this.tasks()) {
      const subtask = this.contentsOf(task).subtask(subtaskId);
      if (subtask !== undefined) return { task, subtask };
    }
    return undefined;
  }

  /** Whatever belongs to a task touches its run. */
  note(change: Change): void {
    if (change.other || change.runs.size > 0) this.known = undefined;
    for (const id of change.runs) this.contents.delete(id);
  }

  forget(): void {
    this.known = undefined;
    this.contents.clear();
  }

  private readList(): VillageList | KernelError {
    try {
      return this.read((r) => ({ projects: listProjects(r), tasks: listTasks(r), invalid: unreadableRows(r) }));
    } catch (error) {
      if (KernelError.is(error, 'SQL_FAILED')) return { projects: [], tasks: [], invalid: [] };
      if (error instanceof KernelError) return error;
      throw error;
    }
  }
}
