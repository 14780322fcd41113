/**
 * Beads as the tracker: agents report with `bd`, and their reports are copied to the record (`docs/design/beads.md`).
 */
import path from 'node:path';
import { Beads } from '../../../host/beads/beads';
import { beadsVariables } from '../../../host/beads/program';
import { KernelError } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import type { Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { getProject, getTask, listTasks } from '../../../kernel/tasks/service';
import { closeSubtask, getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import { forgetIssue, trackedEpic, trackedSubtask } from '../../../kernel/tasks/issue/tracked';
import type { SyncReport } from '../../../kernel/tasks/issue/issueSync';
import { IssueSync, type IssueSyncDeps } from './issueSync';
import { DEFAULT_BD, type TaskDeps } from '../deps';
import type { Tools, Tracker } from './tracker';
import {
  beadsPlannerForms,
  beadsPlannerWords,
  beadsWorkerForms,
  beadsWorkerWords,
  shellWord,
  type PlannerWords,
  type WorkerWords,
} from './trackerWords';

/** The author name of agents in Beads. */
const AGENT = 'agent';

export function beadsTrackerOf(deps: TaskDeps, task: Task): BeadsTracker {
  const project = deps.kernel.read((r) => getProject(r, task.projectId));
  const place = deps.kernel.read((r) => trackedEpic(r, task.id))?.place ?? beadsFolder(deps.storageDir, project);
  return new BeadsTracker(deps, place, deps.settings().beadsPath ?? DEFAULT_BD);
}

/** Never inside a clone (D12, D37). */
export function beadsFolder(storageDir: string, project: Project): string {
  return path.join(storageDir, 'beads', project.id, '.beads');
}

export class BeadsTracker implements Tracker {
  readonly needs = ['writePlan', 'sayDone'];
  private readonly beads: Beads;
  private readonly issues: IssueSync;

  constructor(
    private readonly deps: IssueSyncDeps & Pick<TaskDeps, 'git' | 'trusted'>,
    private readonly place: string,
    private readonly program: string,
  ) {
    this.beads = new Beads({ program, folder: place, environment: process.env, trusted: deps.trusted }, deps.git);
    this.issues = new IssueSync(deps, this.beads);
  }

  /** @throws KernelError as `Beads` does */
  sync(task: Task): Promise<SyncReport> {
    return this.issues.sync(task);
  }

  /** Deletes issues whose tasks and subtasks were deleted here. */
  sweep(): Promise<void> {
    return this.issues.sweep();
  }

  /** The epic of a previous round is reused, so that there are never two (D18). */
  async beforePlanning(task: Task, isInSession: boolean): Promise<Tools<PlannerWords>> {
    await this.sync(task);
    const epic = this.deps.kernel.read((r) => trackedEpic(r, task.id))?.issueId ?? '';
    return {
      words: beadsPlannerWords(shellWord(this.program), epic, isInSession),
      forms: beadsPlannerForms(this.program, epic),
      env: { ...beadsVariables(this.place, AGENT), INTERCORE_EPIC: epic },
    };
  }

  async readPlan(task: Task): Promise<void> {
    const { refused } = await this.sync(task);
    if (refused.length === 0 || !this.isPlanning(task)) return;
    throw new KernelError('PLAN_INVALID', { taskId: task.id, problem: foreignText(refused.join('; ')) });
  }

  private isPlanning({ id }: Task): boolean {
    return this.deps.kernel.read((r) => listTasks(r)).some((task) => task.id === id && task.status === 'PLANNING');
  }

  /** An issue that was deleted in Beads is created again, because the subtask was started. */
  async beforeWork(subtask: Subtask): Promise<Tools<WorkerWords>> {
    const task = this.deps.kernel.read((r) => getTask(r, subtask.taskId));
    await this.sync(task);
    const found = this.deps.kernel.read((r) => trackedSubtask(r, subtask.id));
    if (found?.status === 'missing') {
      await this.deps.kernel.write((u) => forgetIssue(u, found));
      await this.sync(task);
    }
    const issue = this.issueOf(subtask);
    return {
      words: beadsWorkerWords(shellWord(this.program), issue),
      forms: beadsWorkerForms(this.program, issue),
      env: { ...beadsVariables(this.place, AGENT), INTERCORE_ISSUE: issue },
    };
  }

  /** @throws KernelError `NOT_FOUND` if the issue was deleted again */
  private issueOf(subtask: Subtask): string {
    const tracked = this.deps.kernel.read((r) => trackedSubtask(r, subtask.id));
    if (tracked !== undefined && tracked.status !== 'missing') return tracked.issueId;
    throw new KernelError('NOT_FOUND', { what: 'issue in Beads for the subtask', id: subtask.id });
  }

  async readClaim(subtask: Subtask): Promise<void> {
    await this.sync(this.deps.kernel.read((r) => getTask(r, subtask.taskId)));
    const tracked = this.deps.kernel.read((r) => trackedSubtask(r, subtask.id));
    if (tracked?.status !== 'closed') return;
    const [issue] = await this.beads.exclusively(() => this.beads.show([tracked.issueId]));
    await this.deps.kernel.write((u) => {
      const { status, closedAt } = getSubtask(u, subtask.id);
      if (status === 'IN_PROGRESS' && closedAt === null) closeSubtask(u, subtask.id, issue?.close_reason ?? '');
    });
  }

  async undoCreation(subtask: Subtask): Promise<void> {
    const tracked = this.deps.kernel.read((r) => trackedSubtask(r, subtask.id));
    if (tracked?.status === 'closed') await this.issues.reopen(tracked);
  }
}
