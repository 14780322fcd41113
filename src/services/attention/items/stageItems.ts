/**
 * Items for stages of work and upkeep, and jobs, that fail repeatedly or wait for a person
 * (`docs/design/failures.md#classes`).
 */
import { findQueued } from '../../../kernel/queue/service';
import type { Reader } from '../../../kernel/unit';
import { isHeld } from '../../../kernel/tasks/subtask/held';
import { getProject, getTask } from '../../../kernel/tasks/service';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { holdsWork, JOB_STAGES, STAGE_SPECS, STAGE_TRIES, type StageName } from '../../../kernel/tasks/stage/stages';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import type { UnrecordedFailure } from '../../record/unrecordedFailures';
import type { ItemDraft } from './item';
import { minuteOf } from './minutes';
import { readable } from './readable';

type Failure = Pick<StageFailure, 'stage' | 'subject' | 'reason' | 'tries' | 'since' | 'nextAt'>;

/** Seconds after a job's next try was due, when it counts as abandoned: its program has ended. */
const GONE_AFTER = 600;

/** @param unrecorded failures that the record could not store */
export function stageItems(r: Reader, unrecorded: readonly UnrecordedFailure[] = []): ItemDraft[] {
  const recorded = readable(r, () => stageFailures(r), []).filter(
    (failure) => !isJob(failure) || !isLeft(r, failure.nextAt),
  );
  return [...recorded, ...unrecorded.filter(({ nextAt }) => !isLeft(r, nextAt))]
    .filter(({ tries, nextAt }) => nextAt === null || tries >= STAGE_TRIES)
    .flatMap((failure) => readable(r, () => stageItem(r, failure), []));
}

function isJob({ stage }: Failure): boolean {
  return JOB_STAGES.some((job) => job === stage);
}

function isLeft({ now }: Reader, nextAt: number | null): boolean {
  return nextAt !== null && now > nextAt + GONE_AFTER;
}

function stageItem(r: Reader, failure: Failure): ItemDraft[] {
  const { stage, tries, since, nextAt, reason } = failure;
  const about = aboutOf(r, failure);
  if (about === undefined) return [];
  const facts = { step: STAGE_SPECS[stage].label, tries, problem: reason };
  const found = { key: stage, ...about, since };
  if (nextAt === null) return [{ ...found, kind: 'stageHeld', facts }];
  return [{ ...found, kind: 'stageRepeating', facts: { ...facts, next: minuteOf(nextAt) } }];
}

type About = Pick<ItemDraft, 'title' | 'action' | 'ids' | 'place' | 'key'>;

function aboutOf(r: Reader, { stage, subject }: Failure): About | undefined {
  const holds = holdsWork(stage);
  switch (STAGE_SPECS[stage].of) {
    case 'subtask': {
      const subtask = getSubtask(r, subject);
      // Work that could not land has its own items.
      if (isHeld(subtask)) return undefined;
      const ids = { taskId: subtask.taskId, subtaskId: subtask.id };
      return { title: subtask.title, action: holds ? 'retry' : 'log', ids, place: { kind: 'subtask', ...ids } };
    }
    case 'task': {
      const { id: taskId, title } = getTask(r, subject);
      return { title, action: holds ? 'retryPlanning' : 'log', ids: { taskId }, place: { kind: 'task', taskId } };
    }
    case 'project': {
      const { id: projectId, name } = getProject(r, subject);
      return { title: name, action: 'log', ids: { projectId }, place: { kind: 'project', projectId } };
    }
    case 'folder':
      return ofFolder(r, stage, subject);
  }
}

function ofFolder(r: Reader, stage: StageName, subject: string): About | undefined {
  const { label } = STAGE_SPECS[stage];
  if (subject === '') return { title: label, action: 'log', place: FOLDER };
  const ids = { dispatchId: subject };
  if (stage === 'queue') {
    const request = findQueued(r, subject)?.request;
    // A dispatch that has left the queue needs nothing.
    if (request === undefined) return undefined;
    return { title: request.name ?? request.kind, action: 'startNow', ids, place: { kind: 'queued', ...ids } };
  }
  if (stage === 'adopt') return { title: subject, action: 'log', ids, place: { kind: 'dispatch', ...ids } };
  return { title: stage === 'upkeep' ? label : subject, action: 'log', place: FOLDER, key: `${stage} ${subject}` };
}

const FOLDER = { kind: 'folder' } as const;
