/** Synchronizes the record and the issues of Beads: copies news from Beads, and sends news of the record (D15). */
import type { Beads } from '../../../host/beads/beads';
import type { Issue } from '../../../host/beads/shapes';
import { isKernelError } from '../../../kernel/errors/errors';
import { parseBody } from '../../../kernel/tasks/subtask/body';
import { pullIssues, type SyncReport, type TrackedIssue } from '../../../kernel/tasks/issue/issueSync';
import { pushesDue, type IssuePush } from '../../../kernel/tasks/issue/issuePushes';
import { issueBody, textOf } from '../../../kernel/tasks/issue/issueText';
import { MAX_TITLE_LENGTH, type Task } from '../../../kernel/tasks/record/model';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import {
  forgetIssue,
  forgetIssuesOf,
  ISSUE_STATUSES,
  orphanedIssues,
  trackedEpic,
  trackedSubtasks,
  trackEpic,
  trackSubtask,
  untracked,
  updateTracked,
  type TrackedSubtask,
} from '../../../kernel/tasks/issue/tracked';
import type { TaskDeps } from '../deps';
import { startOf } from '../../../kernel/text/storableText';

export type IssueSyncDeps = Pick<TaskDeps, 'kernel' | 'log'>;

/** Issue types other than work: groups, and messages between programs. */
const NO_WORK = new Set([
  'epic',
  'milestone',
  'gate',
  'template',
  'molecule',
  'message',
  'agent',
  'role',
  'rig',
  'convoy',
  'event',
  'slot',
]);

export class IssueSync {
  constructor(
    private readonly deps: IssueSyncDeps,
    private readonly beads: Beads,
  ) {}

  /** One at a time for each clone. @throws KernelError as `Beads` does */
  sync(task: Task): Promise<SyncReport> {
    return this.beads.exclusively(async () => {
      await this.beads.ensure(`iv-${task.projectId.toLowerCase()}`);
      const epic = await this.epicOf(task);
      const issues = tracked(epic, await this.beads.below(epic));
      const { folder } = this.beads;
      const report = await this.deps.kernel.write((u) => pullIssues(u, task.id, folder, issues));
      await this.deleteUnused();
      await this.createUnknown(task, epic);
      const refused = await this.push(task);
      return { ...report, refused: [...report.refused, ...refused] };
    });
  }

  sweep(): Promise<void> {
    return this.beads.exclusively(() => this.deleteUnused());
  }

  async reopen(issue: TrackedSubtask): Promise<void> {
    await this.beads.exclusively(async () => {
      await this.beads.reopen(issue.issueId);
      await this.deps.kernel.write((u) => updateTracked(u, issue, { status: 'open' }));
    });
  }

  /**
   * The epic of the task. If Beads has lost it, it has lost all issues: they are created again from our rows. The old
   * ids are dropped with the new epic's write, because a task without an epic is not in Beads.
   */
  private async epicOf(task: Task): Promise<string> {
    const { kernel } = this.deps;
    const known = kernel.read((r) => trackedEpic(r, task.id));
    if (known !== undefined) {
      const [epic] = await this.beads.show([known.issueId]);
      if (epic !== undefined) {
        await kernel.write((u) => updateTracked(u, known, { status: statusOf(epic) }));
        return epic.id;
      }
      this.deps.log.warn('Beads has lost the issues of a task; creating them again', { task: task.id });
    }
    // Created by a window that was killed before it could record that.
    const label = `intercore-task-${task.id.toLowerCase()}`;
    const [left] = await this.beads.labeled(label);
    const issueId =
      left ?? (await this.beads.create({ title: task.title, body: task.description, type: 'epic', label }));
    const place = this.beads.folder;
    await kernel.write((u) => {
      if (known !== undefined) forgetIssuesOf(u, task.id);
      trackEpic(u, { taskId: task.id, issueId, place, status: 'open' });
    });
    return issueId;
  }

  private async deleteUnused(): Promise<void> {
    const { kernel } = this.deps;
    const orphans = kernel.read((r) => orphanedIssues(r, this.beads.folder));
    if (orphans.length === 0) return;
    await this.beads.delete(orphans.map(({ issueId }) => issueId));
    await kernel.write((u) => {
      for (const orphan of orphans) forgetIssue(u, orphan);
    });
  }

  private async createUnknown(task: Task, epic: string): Promise<void> {
    const { kernel } = this.deps;
    for (const subtask of kernel.read((r) => untracked(r, task.id))) {
      const body = issueBody(subtask);
      const issueId = await this.beads.create({ title: subtask.title, body, type: 'task', parent: epic });
      const agreed = { ...textOf(subtask), waitsFor: [], comments: [] };
      const made = { taskId: task.id, issueId, subtaskId: subtask.id, place: this.beads.folder, agreed };
      await kernel.write((u) => trackSubtask(u, { ...made, status: 'open' }));
    }
  }

  /** Sentences about changes that Beads refused. */
  private async push(task: Task): Promise<string[]> {
    const { kernel } = this.deps;
    const refused: string[] = [];
    const taken: IssuePush[] = [];
    for (const push of kernel.read((r) => pushesDue(r, task.id))) {
      try {
        await this.send(push);
        taken.push(push);
      } catch (error) {
        if (!isKernelError(error) || error.code !== 'BEADS_FAILED') throw error;
        refused.push(`${push.issueId}: ${error.message}`);
      }
    }
    await kernel.write((u) => {
      for (const push of taken) {
        const epic = trackedEpic(u, task.id);
        const one = trackedSubtasks(u, task.id).find(({ issueId }) => issueId === push.issueId);
        if (one !== undefined) updateTracked(u, one, agreedAfter(one, push, textOf(getSubtask(u, one.subtaskId))));
        else if (epic?.issueId === push.issueId) updateTracked(u, epic, { status: 'closed' });
      }
    });
    return refused;
  }

  private send(push: IssuePush): Promise<void> {
    const { beads } = this;
    switch (push.kind) {
      case 'edit':
        return beads.edit(push.issueId, push.title, push.body);
      case 'addDependency':
        return beads.addDependency(push.issueId, push.on);
      case 'removeDependency':
        return beads.removeDependency(push.issueId, push.on);
      case 'start':
        return beads.setStatus(push.issueId, 'in_progress');
      case 'close':
        return beads.close(push.issueId, push.reason);
    }
  }
}

function agreedAfter(
  { agreed }: TrackedSubtask,
  push: IssuePush,
  text: ReturnType<typeof textOf>,
): Parameters<typeof updateTracked>[2] {
  switch (push.kind) {
    case 'edit':
      return { agreed: { ...agreed, ...text } };
    case 'addDependency':
      return { agreed: { ...agreed, waitsFor: [...agreed.waitsFor, push.on] } };
    case 'removeDependency':
      return { agreed: { ...agreed, waitsFor: agreed.waitsFor.filter((on) => on !== push.on) } };
    case 'start':
      return { status: 'in_progress' };
    case 'close':
      return { status: 'closed' };
  }
}

/** Issues that are work, in order of creation: Beads lists the newest first (D17). */
function tracked(epic: string, issues: readonly Issue[]): TrackedIssue[] {
  return issues
    .filter(({ issue_type }) => !NO_WORK.has(issue_type))
    .sort((a, b) => compareOrder(orderOf(epic, a), orderOf(epic, b)) || compareText(a.created_at, b.created_at))
    .map((issue) => {
      const { spec, plan, acceptance } = parseBody(issue.description);
      return {
        id: issue.id,
        title: titleOf(issue.title),
        spec,
        implementationPlan: plan || issue.design.trim(),
        acceptanceCriteria: acceptance || issue.acceptance_criteria.trim(),
        status: statusOf(issue),
        closeReason: startOf(issue.close_reason, MAX_REASON_LENGTH),
        waitsFor: (issue.dependencies ?? []).flatMap(({ id, dependency_type: type }) =>
          type === 'blocks' ? [id] : [],
        ),
        comments: issue.comments ?? [],
      };
    });
}

const MAX_REASON_LENGTH = 10_000;

/** The record's titles are shorter than those of Beads. */
function titleOf(title: string): string {
  const text = title.trim();
  return text.length <= MAX_TITLE_LENGTH ? text : `${startOf(text, MAX_TITLE_LENGTH - 1).trimEnd()}…`;
}

/** Custom statuses, and those of later versions, count as open. */
function statusOf({ status }: Issue): TrackedIssue['status'] {
  const known = ISSUE_STATUSES.find((one) => one === status);
  return known === undefined || known === 'missing' ? 'open' : known;
}

/** `epic.2.1` is [2, 1]: children are numbered. Issues that were moved below the epic later have no such numbers. */
function orderOf(epic: string, { id }: Issue): readonly number[] {
  return id.startsWith(`${epic}.`)
    ? id
        .slice(epic.length + 1)
        .split('.')
        .map(Number)
    : [];
}

function compareOrder(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : a.length === 0 ? 1 : -1;
  const at = a.findIndex((part, index) => part !== b[index]);
  if (at < 0) return a.length - b.length;
  return (a[at] ?? 0) - (b[at] ?? -1);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
