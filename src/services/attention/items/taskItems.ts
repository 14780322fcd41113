/** Items for tasks and subtasks that need a person to continue. */
import { isSentenceOf } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';
import type { ProjectId } from '../../../kernel/ids';
import { leftIssues } from '../../../kernel/tasks/issue/issueEffects';
import type { Subtask, Task } from '../../../kernel/tasks/record/model';
import { isHeld } from '../../../kernel/tasks/subtask/held';
import { listProjects } from '../../../kernel/tasks/service';
import { subtasksForPerson } from '../../../kernel/tasks/subtask/subtasks';
import type { ItemDraft } from './item';
import { readable } from './readable';
import { inPlaceOf } from './signInItems';

/** Of a task whose run is active. */
export function taskItems(r: Reader, task: Task): ItemDraft[] {
  if (task.status === 'DONE') return [];
  if (task.status === 'PLANNING_FAILED') return [inPlaceOf(r, planningItem(task), task.id, null)];
  return [...subtasksForPerson(r, task.id).flatMap((subtask) => subtaskItem(r, subtask)), ...leftItems(r, task)];
}

/** Whether it has work for agents. */
export function waitsForAgents({ status }: Task): boolean {
  return status === 'PLANNING' || status === 'ACTIVE';
}

function planningItem(task: Task): ItemDraft {
  return {
    kind: 'planningFailed',
    title: task.title,
    facts: { problem: task.planningError ?? '' },
    since: task.updatedAt,
    action: 'retryPlanning',
    ids: { taskId: task.id },
    place: { kind: 'task', taskId: task.id },
  };
}

function subtaskItem(r: Reader, subtask: Subtask): ItemDraft[] {
  const { lastError, branchName, decidingFiles } = subtask;
  if (subtask.blockedReason === 'FAILURE') {
    const facts = { problem: lastError ?? '' };
    const since = subtask.failedAt ?? subtask.updatedAt;
    const failed = { kind: 'attemptsExhausted', facts, since, action: 'retry', ...of(subtask) } as const;
    return [inPlaceOf(r, failed, subtask.taskId, subtask.id)];
  }
  if (isHeld(subtask)) {
    const facts = { problem: lastError ?? '' };
    if (isSentenceOf('GITHUB_AUTH', facts.problem)) {
      return [{ kind: 'signInNeeded', facts, since: subtask.updatedAt, action: 'signIn', ...of(subtask) }];
    }
    return [{ kind: 'landingFailed', facts, since: subtask.updatedAt, action: 'retryPullRequest', ...of(subtask) }];
  }
  if (subtask.status !== 'COMPLETED') return [];
  const about = { since: subtask.updatedAt, action: 'merge', ...of(subtask) } as const;
  if (lastError !== null) return [{ kind: 'landingFailed', facts: { problem: lastError }, ...about }];
  const branch = branchName ?? '';
  return decidingFiles.length === 0
    ? [{ kind: 'workToMerge', facts: { branch }, ...about }]
    : [{ kind: 'checksChanged', facts: { branch, files: namesOf(decidingFiles) }, ...about }];
}

const NAMED_FILES = 3;

function namesOf(files: readonly string[]): string {
  return [...files.slice(0, NAMED_FILES), ...(files.length > NAMED_FILES ? ['…'] : [])].join(', ');
}

/** Issues that were closed or deleted in Beads before their subtasks started. They may be unwanted, so a person decides. */
function leftItems(r: Reader, task: Task): ItemDraft[] {
  const left = leftIssues(r, task.id).filter(({ subtask }) => subtask.blockedReason !== 'FAILURE');
  return left.map(({ issueId, subtask, how }) => ({
    kind: how === 'closed' ? 'issueClosed' : 'issueDeleted',
    facts: { issue: issueId },
    since: null,
    action: 'removeSubtask',
    ...of(subtask),
  }));
}

/**
 * One item, for the first project with work for agents: consent covers the whole folder.
 * @param absent programs that the agents need and that are not on this machine
 */
export function consentItems(
  r: Reader,
  waiting: ReadonlySet<ProjectId>,
  absent: readonly string[] | undefined,
): ItemDraft[] {
  const project = readable(r, () => listProjects(r), []).find(({ id }) => waiting.has(id));
  if (project === undefined) return [];
  return [
    {
      ...(absent === undefined || absent.length === 0
        ? { kind: 'consentNeeded' }
        : { kind: 'agentsNotInstalled', facts: { programs: absent.join(', ') } }),
      title: project.name,
      since: null,
      action: 'allow',
      ids: { projectId: project.id },
      place: { kind: 'project', projectId: project.id },
    },
  ];
}

function of({ id, taskId, title }: Subtask): Pick<ItemDraft, 'title' | 'ids' | 'place'> {
  return { title, ids: { taskId, subtaskId: id }, place: { kind: 'subtask', taskId, subtaskId: id } };
}
