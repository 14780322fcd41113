/** The changes of the record to push to an external tracker (`docs/design/beads.md`). Pure. */
import type { Reader } from '../../unit';
import { issueBody, sameText } from './issueText';
import type { Task } from '../record/model';
import { getTask } from '../service';
import { getSubtask, neighborsOf } from '../subtask/subtasks';
import { trackedEpic, trackedSubtasks, untracked, type TrackedSubtask } from './tracked';

export type IssuePush =
  | { readonly kind: 'edit'; readonly issueId: string; readonly title: string; readonly body: string }
  | { readonly kind: 'addDependency' | 'removeDependency'; readonly issueId: string; readonly on: string }
  | { readonly kind: 'start'; readonly issueId: string }
  | { readonly kind: 'close'; readonly issueId: string; readonly reason: string };

export function pushesDue(r: Reader, taskId: string): IssuePush[] {
  const task = getTask(r, taskId);
  const tracked = trackedSubtasks(r, task.id).filter(({ status }) => status !== 'missing' && status !== 'pinned');
  const issueOf = new Map<string, string>(tracked.map(({ subtaskId, issueId }) => [subtaskId, issueId]));
  return [...tracked.flatMap((one) => pushesFor(r, one, issueOf)), ...closeEpic(r, task)];
}

function pushesFor(r: Reader, tracked: TrackedSubtask, issueOf: ReadonlyMap<string, string>): IssuePush[] {
  const { issueId, agreed, status, subtaskId } = tracked;
  const subtask = getSubtask(r, subtaskId);
  const waitsFor = neighborsOf(r, subtask).dependsOn.flatMap((id) => issueOf.get(id) ?? []);
  const isDone = subtask.status === 'COMPLETED' || subtask.status === 'MERGED';
  const isStarted = subtask.status === 'IN_PROGRESS' && status === 'open' && subtask.closedAt === null;
  const reason = subtask.status === 'MERGED' ? 'Merged' : (subtask.closeReason ?? 'Completed');
  const edit = { kind: 'edit', issueId, title: subtask.title, body: issueBody(subtask) } as const;
  return [
    ...(sameText(subtask, agreed) ? [] : [edit]),
    ...waitsFor
      .filter((on) => !agreed.waitsFor.includes(on))
      .map((on) => ({ kind: 'addDependency', issueId, on }) as const),
    ...agreed.waitsFor
      .filter((on) => !waitsFor.includes(on))
      .map((on) => ({ kind: 'removeDependency', issueId, on }) as const),
    ...(isDone && status !== 'closed' ? [{ kind: 'close', issueId, reason } as const] : []),
    ...(isStarted ? [{ kind: 'start', issueId } as const] : []),
  ];
}

function closeEpic(r: Reader, task: Task): IssuePush[] {
  const epic = trackedEpic(r, task.id);
  if (task.status !== 'DONE' || epic === undefined || epic.status === 'closed') return [];
  return [{ kind: 'close', issueId: epic.issueId, reason: 'Every subtask is merged' }];
}

/** Whether the tracker is behind the record. */
export function isPushDue(r: Reader, taskId: string): boolean {
  return untracked(r, taskId).length > 0 || pushesDue(r, taskId).length > 0;
}
