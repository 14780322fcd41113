/** Stages of work and of upkeep that fail again and again, or wait for a person (design §18). */
import type { Reader } from '../../kernel/unit';
import { isHeld } from '../../kernel/village/held';
import { getProject, getTask } from '../../kernel/village/service';
import { stageFailures, type StageFailure } from '../../kernel/village/stageHolds';
import { holdsWork, STAGE_SPECS, STAGE_TRIES } from '../../kernel/village/stages';
import { getSubtask } from '../../kernel/village/subtasks';
import type { Case } from './item';
import { minuteOf } from './minutes';
import { readable } from './readable';

export function stageCases(r: Reader): Case[] {
  return readable(r, () => stageFailures(r), [])
    .filter(({ tries, nextAt }) => nextAt === null || tries >= STAGE_TRIES)
    .flatMap((failure) => readable(r, () => stageCase(r, failure), []));
}

function stageCase(r: Reader, failure: StageFailure): Case[] {
  const { stage, tries, since, nextAt, reason } = failure;
  const about = aboutOf(r, failure);
  if (about === undefined) return [];
  const facts = { step: STAGE_SPECS[stage].label, tries, problem: reason };
  if (nextAt === null) return [{ kind: 'stageHeld', facts, since, key: stage, ...about }];
  return [{ kind: 'stageRepeating', facts: { ...facts, next: minuteOf(nextAt) }, since, key: stage, ...about }];
}

function aboutOf(
  r: Reader,
  { stage, subject, subtaskId, taskId, projectId }: StageFailure,
): Pick<Case, 'title' | 'action' | 'ids' | 'place'> | undefined {
  const holds = holdsWork(stage);
  if (subtaskId !== null) {
    const subtask = getSubtask(r, subtaskId);
    // Work that could not be brought out has items of its own.
    if (isHeld(subtask)) return undefined;
    const ids = { taskId: subtask.taskId, subtaskId };
    return { title: subtask.title, action: holds ? 'retry' : 'log', ids, place: { kind: 'subtask', ...ids } };
  }
  if (taskId !== null) {
    const ids = { taskId };
    const { title } = getTask(r, taskId);
    return { title, action: holds ? 'retryPlanning' : 'log', ids, place: { kind: 'task', ...ids } };
  }
  if (projectId !== null) {
    const ids = { projectId };
    return { title: getProject(r, projectId).name, action: 'log', ids, place: { kind: 'project', ...ids } };
  }
  return { title: subject === '' ? STAGE_SPECS[stage].label : subject, action: 'log', place: { kind: 'folder' } };
}
