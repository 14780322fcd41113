/**
 * Adopts changes of a task from an external tracker (`docs/design/beads.md`): new subtasks, changed texts and
 * dependencies, claims. One transaction; work in progress is never changed, and no status ever moves back (D15).
 */
import { KernelError } from '../../errors/errors';
import type { Unit } from '../../unit';
import { listAgentRuns } from '../subtask/agentRuns';
import { SYNC_EFFECTS, type SyncEffect } from './issueEffects';
import { isWrittenAs, sameText, textOf } from './issueText';
import type { Subtask, Task } from '../record/model';
import { removeSubtask } from '../subtask/progress';
import { getTask } from '../service';
import {
  addNote,
  addSubtask,
  addSubtaskDependency,
  closeSubtask,
  editSubtask,
  getSubtask,
  neighborsOf,
  removeSubtaskDependency,
} from '../subtask/subtasks';
import {
  forgetIssue,
  orphanedIssues,
  trackedSubtasks,
  trackSubtask,
  untracked,
  updateTracked,
  type Agreed,
  type IssueStatus,
  type TrackedSubtask,
} from './tracked';
import { stateOf } from '../record/transition';

/** An issue below the epic of a task. */
export interface TrackedIssue extends Omit<Agreed, 'comments'> {
  readonly id: string;
  readonly status: Exclude<IssueStatus, 'missing'>;
  readonly closeReason: string;
  readonly comments: readonly { readonly id: string; readonly author: string; readonly text: string }[];
}

/** Ids of subtasks, and sentences. */
export interface SyncReport {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly claimed: readonly string[];
  /** Closed in the tracker, although they were not started here. */
  readonly closedOutside: readonly string[];
  /** No longer in the tracker. */
  readonly missing: readonly string[];
  /** What could not be adopted, and why. */
  readonly refused: readonly string[];
}

type Draft = { -readonly [K in keyof SyncReport]: string[] };

/** @throws KernelError `NOT_FOUND` for the task */
export function pullIssues(u: Unit, taskId: string, place: string, issues: readonly TrackedIssue[]): SyncReport {
  const task = getTask(u, taskId);
  const report: Draft = {
    added: [],
    changed: [],
    removed: [],
    claimed: [],
    closedOutside: [],
    missing: [],
    refused: [],
  };
  // Issues whose subtasks were removed here are about to be deleted there.
  const orphans = new Set(orphanedIssues(u, place).map(({ issueId }) => issueId));
  const found = issues
    .filter(({ id, status }) => status !== 'pinned' && !orphans.has(id))
    .map((issue) => ({ ...issue, waitsFor: issue.waitsFor.filter((id) => !orphans.has(id)) }));
  const known = new Map(trackedSubtasks(u, task.id).map((tracked) => [tracked.issueId, tracked]));
  const isOpen = task.status === 'PLANNING' || task.status === 'ACTIVE';
  for (const issue of found) {
    const tracked = known.get(issue.id);
    if (tracked !== undefined) settle(u, task, tracked, issue, report);
    else if (isOpen) adopt(u, task, place, issue, report);
  }
  const ids = new Set(issues.map(({ id }) => id));
  for (const tracked of known.values()) if (!ids.has(tracked.issueId)) settleMissing(u, task, tracked, report);
  pullDependencies(u, task, found, report);
  return report;
}

/**
 * A subtask without an issue but with the same text belongs to this one: the program that created the issue could not
 * record it.
 */
function adopt(u: Unit, task: Task, place: string, issue: TrackedIssue, report: Draft): void {
  const text = textOf(issue);
  const known = untracked(u, task.id).find((subtask) => isWrittenAs(subtask, text));
  const { id } = known ?? addSubtask(u, { taskId: task.id, ...text });
  const agreed = { ...text, waitsFor: [], comments: [] };
  const tracked = { taskId: task.id, issueId: issue.id, subtaskId: id, place, status: issue.status, agreed };
  trackSubtask(u, tracked);
  if (known === undefined) report.added.push(id);
  settle(u, task, tracked, issue, report);
}

function settle(u: Unit, task: Task, tracked: TrackedSubtask, issue: TrackedIssue, report: Draft): void {
  const subtask = getSubtask(u, tracked.subtaskId);
  let agreed: Agreed = { ...tracked.agreed, comments: pullComments(u, tracked, issue) };
  const effect = SYNC_EFFECTS[issue.status][stateOf(subtask)];
  if (effect === 'follow') {
    if (!sameText(agreed, issue)) {
      const text = textOf(issue);
      if (!sameText(subtask, text)) {
        editSubtask(u, subtask.id, text);
        report.changed.push(subtask.id);
      }
      agreed = { ...agreed, ...text };
    }
  } else if (effect === 'claim') {
    if (subtask.closedAt === null && !hasAgent(u, task, subtask)) {
      closeSubtask(u, subtask.id, issue.closeReason);
      report.claimed.push(subtask.id);
    }
  } else if (effect === 'outside') {
    report.closedOutside.push(subtask.id);
  }
  updateTracked(u, tracked, { status: issue.status, agreed });
}

/** The claim on a subtask with a running agent is handled when the agent has ended, by the program that follows it. */
function hasAgent(u: Unit, task: Task, subtask: Subtask): boolean {
  return listAgentRuns(u, task.id, subtask.id).some(({ status }) => status === 'RUNNING');
}

function pullComments(u: Unit, { subtaskId, agreed }: TrackedSubtask, issue: TrackedIssue): string[] {
  const fresh = issue.comments.filter(({ id, text }) => !agreed.comments.includes(id) && text.trim() !== '');
  for (const { author, text } of fresh) addNote(u, subtaskId, { author: author.trim() || 'unknown', text });
  return [...agreed.comments, ...fresh.map(({ id }) => id)];
}

function settleMissing(u: Unit, task: Task, tracked: TrackedSubtask, report: Draft): void {
  const subtask = getSubtask(u, tracked.subtaskId);
  if (SYNC_EFFECTS.missing[stateOf(subtask)] === 'orphan') {
    if (task.status === 'PLANNING') {
      removeSubtask(u, subtask.id);
      forgetIssue(u, tracked);
      report.removed.push(subtask.id);
      return;
    }
    report.missing.push(subtask.id);
  }
  updateTracked(u, tracked, { status: 'missing' });
}

/** Removed dependencies first, so that a reversed one does not close a circle. */
function pullDependencies(u: Unit, task: Task, issues: readonly TrackedIssue[], report: Draft): void {
  const tracked = new Map(trackedSubtasks(u, task.id).map((one) => [one.issueId, one]));
  const pairs = issues.flatMap((issue) => {
    const own = tracked.get(issue.id);
    const isFollowing = own !== undefined && effectOf(u, own, issue) === 'follow';
    return isFollowing ? [{ issue, own }] : [];
  });
  for (const { issue, own } of pairs) {
    const gone = own.agreed.waitsFor.filter((id) => !issue.waitsFor.includes(id));
    for (const id of gone) dropDependency(u, own, tracked.get(id), report);
  }
  for (const { issue, own } of pairs) {
    const taken = issue.waitsFor.filter((id) => takeDependency(u, issue, own, tracked.get(id) ?? id, report));
    updateTracked(u, own, { agreed: { ...own.agreed, waitsFor: taken } });
  }
}

function effectOf(u: Unit, { subtaskId }: TrackedSubtask, { status }: TrackedIssue): SyncEffect {
  return SYNC_EFFECTS[status][stateOf(getSubtask(u, subtaskId))];
}

function dropDependency(u: Unit, own: TrackedSubtask, upstream: TrackedSubtask | undefined, report: Draft): void {
  // Beads deletes the dependencies of an issue with it. They are kept here, because the subtask still exists.
  if (upstream === undefined || upstream.status === 'missing' || !waits(u, own, upstream)) return;
  removeSubtaskDependency(u, own.subtaskId, upstream.subtaskId);
  changed(report, own);
}

function waits(u: Unit, own: TrackedSubtask, upstream: TrackedSubtask): boolean {
  return neighborsOf(u, getSubtask(u, own.subtaskId)).dependsOn.includes(upstream.subtaskId);
}

/** Whether both sides now agree on it. A dependency that was removed here since is removed there next. */
function takeDependency(
  u: Unit,
  issue: TrackedIssue,
  own: TrackedSubtask,
  upstream: TrackedSubtask | string,
  report: Draft,
): boolean {
  if (typeof upstream === 'string') {
    report.refused.push(`${issue.id} waits for ${upstream}, which is no subtask of this task`);
    return false;
  }
  if (own.agreed.waitsFor.includes(upstream.issueId) || waits(u, own, upstream)) return true;
  try {
    addSubtaskDependency(u, own.subtaskId, upstream.subtaskId);
  } catch (error) {
    if (!KernelError.is(error, 'INVALID_ARGUMENT')) throw error;
    report.refused.push(`${issue.id} cannot wait for ${upstream.issueId}: ${error.facts.problem.text}`);
    return false;
  }
  changed(report, own);
  return true;
}

function changed(report: Draft, { subtaskId }: TrackedSubtask): void {
  if (!report.added.includes(subtaskId) && !report.changed.includes(subtaskId)) report.changed.push(subtaskId);
}
