/** Tasks and subtasks that go no further without a person. */
import type { Reader } from '../../kernel/unit';
import type { Subtask, Task } from '../../kernel/village/model';
import { listProjects, listTasks } from '../../kernel/village/service';
import { listSubtasks } from '../../kernel/village/subtasks';
import { findRun } from '../../kernel/run/service';
import type { Case } from './item';
import { readable } from './readable';

/** `forbidden`: agents of the folder wait until a person allows them. */
export function taskCases(r: Reader, forbidden: boolean): Case[] {
  return readable(() => {
    const open = listTasks(r).filter(
      ({ status, runId }) => status !== 'DONE' && findRun(r, runId)?.status === 'active',
    );
    return [...(forbidden ? consentCases(r, open) : []), ...open.flatMap((task) => casesOf(r, task))];
  }, []);
}

function casesOf(r: Reader, task: Task): Case[] {
  if (task.status === 'PLANNING_FAILED') return [planningCase(task)];
  return listSubtasks(r, task.id).flatMap(subtaskCase);
}

function planningCase(task: Task): Case {
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

function subtaskCase(subtask: Subtask): Case[] {
  const { lastError, branchName } = subtask;
  if (subtask.blockedReason === 'FAILURE') {
    const facts = { problem: lastError ?? '' };
    return [
      {
        kind: 'attemptsExhausted',
        facts,
        since: subtask.failedAt ?? subtask.updatedAt,
        action: 'retry',
        ...of(subtask),
      },
    ];
  }
  if (subtask.status !== 'COMPLETED') return [];
  const about = { since: subtask.updatedAt, action: 'merge', ...of(subtask) } as const;
  return lastError === null
    ? [{ kind: 'workToMerge', facts: { branch: branchName ?? '' }, ...about }]
    : [{ kind: 'landingFailed', facts: { problem: lastError }, ...about }];
}

/** Said once for each project that has work: allowing counts for the whole folder. */
function consentCases(r: Reader, open: readonly Task[]): Case[] {
  const waiting = open.filter(({ status }) => status === 'PLANNING' || status === 'ACTIVE');
  const [project] = listProjects(r).filter(({ id }) => waiting.some((task) => task.projectId === id));
  if (project === undefined) return [];
  return [
    {
      kind: 'consentNeeded',
      title: project.name,
      since: null,
      action: 'allow',
      ids: { projectId: project.id },
      place: { kind: 'project', projectId: project.id },
    },
  ];
}

function of({ id, taskId, title }: Subtask): Pick<Case, 'title' | 'ids' | 'place'> {
  return { title, ids: { taskId, subtaskId: id }, place: { kind: 'subtask', taskId, subtaskId: id } };
}
