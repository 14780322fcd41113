/** Reads subtasks with what belongs to each: many at once, with as many statements as for one. */
import type { InvalidRow } from '../../../kernel/db/rows';
import { lacksTables } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';
import { agentRunsAmong, listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { leftHow, type LeftIssue } from '../../../kernel/tasks/issue/issueEffects';
import type { AgentRun, Subtask } from '../../../kernel/tasks/record/model';
import { stageFailuresAmong, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { dependenciesAmong, subtasksAmong } from '../../../kernel/tasks/subtask/subtasks';
import { trackedAmong } from '../../../kernel/tasks/issue/tracked';

/** The issue in Beads that stands for a subtask. */
export interface TaskIssue {
  readonly issueId: string;
  /** What happened to it there though the subtask was not started here. */
  readonly left: LeftIssue['how'] | undefined;
}

/** A subtask with what belongs to it. When something of it changes there is another object. */
export interface SubtaskPart {
  /** Undefined for one that is not there or cannot be read. */
  readonly subtask: Subtask | undefined;
  /** Why it cannot be read. */
  readonly invalid: InvalidRow | undefined;
  /** Ids of those it waits for, or waited for. */
  readonly dependsOn: readonly string[];
  readonly dependents: readonly string[];
  /** Newest first. */
  readonly attempts: readonly AgentRun[];
  /** Undefined where the task is tracked in the record only. */
  readonly issue: TaskIssue | undefined;
  /** What failed last and has not succeeded since. */
  readonly failure: StageFailure | undefined;
}

/** What belongs to the planning of a task. */
export type PlanningPart = Pick<SubtaskPart, 'attempts' | 'failure'>;

export interface ReadParts {
  readonly parts: ReadonlyMap<string, SubtaskPart>;
  /** Rows beside the subtasks that cannot be read. */
  readonly invalid: readonly InvalidRow[];
}

export function readParts(r: Reader, taskId: string, ids: readonly string[]): ReadParts {
  const [rows, edges, issues] = [subtasksAmong(r, ids), dependenciesAmong(r, ids), trackedAmong(r, ids)];
  const subtasks = new Map<string, Subtask>(
    rows.sound.filter((subtask) => subtask.taskId === taskId).map((subtask) => [subtask.id, subtask]),
  );
  const invalid = new Map(rows.invalid.map((row) => [row.id, row]));
  const dependsOn = listed(edges.sound, ({ subtaskId, dependsOnId }) => [subtaskId, dependsOnId]);
  const dependents = listed(edges.sound, ({ subtaskId, dependsOnId }) => [dependsOnId, subtaskId]);
  const attempts = listed(agentRunsAmong(r, taskId, ids), (run) => [run.subtaskId ?? '', run]);
  const tracked = new Map<string, (typeof issues.sound)[number]>(issues.sound.map((one) => [one.subtaskId, one]));
  const failures = new Map(failuresAmong(r, taskId, ids).map((failure) => [failure.subtaskId ?? '', failure]));
  const partOf = (id: string): SubtaskPart => {
    const [subtask, issue] = [subtasks.get(id), tracked.get(id)];
    return {
      subtask,
      invalid: invalid.get(id),
      dependsOn: dependsOn.get(id) ?? [],
      dependents: dependents.get(id) ?? [],
      attempts: attempts.get(id) ?? [],
      issue: issue && { issueId: issue.issueId, left: subtask && leftHow(issue.status, subtask) },
      failure: failures.get(id),
    };
  };
  return {
    parts: new Map(ids.map((id) => [id, partOf(id)])),
    invalid: [...edges.invalid, ...issues.invalid],
  };
}

export function readPlanning(r: Reader, taskId: string): PlanningPart {
  const failure = failuresAmong(r, taskId, []).findLast(({ subtaskId }) => subtaskId === null);
  return { attempts: listAgentRuns(r, taskId, null), failure };
}

/** A record that an older version wrote has no table of failures while it is only read. */
function failuresAmong(r: Reader, taskId: string, ids: readonly string[]): StageFailure[] {
  try {
    return stageFailuresAmong(r, taskId, ids);
  } catch (error) {
    if (lacksTables(error)) return [];
    throw error;
  }
}

function listed<T, V>(items: readonly T[], entryOf: (item: T) => readonly [string, V]): ReadonlyMap<string, V[]> {
  const lists = new Map<string, V[]>();
  for (const [key, value] of items.map(entryOf)) {
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [value]);
    else list.push(value);
  }
  return lists;
}
