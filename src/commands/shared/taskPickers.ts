/** Finds the project, task or subtask that a command is about: the one named, the only candidate, or the one picked. */
import * as vscode from 'vscode';
import type { ListedProject, ListedSubtask, SubtaskDetails } from '../../contract/results/tasks';
import type { AgentRun, Project, Subtask, Task } from '../../kernel/tasks/record/model';
import { stageFailures } from '../../kernel/tasks/upkeep/stageHolds';
import type { StageName } from '../../kernel/tasks/stage/stages';
import type { Choice } from '../../window/dialogs/ask';
import type { CommandDeps } from './deps';
import { plain } from '../../window/dialogs/labels';
import { kernelOf, type RecordSelector } from '../../services/operations/host';
import { inFolders, only, type Purpose } from './pickers';

export interface TaskTarget {
  readonly folder: string;
  readonly task: Task;
}

export interface SubtaskTarget {
  readonly folder: string;
  readonly subtask: Subtask;
}

export interface ProjectTarget {
  readonly folder: string;
  readonly project: Project;
}

export async function pickProject(
  deps: CommandDeps,
  where: RecordSelector,
  purpose: Purpose<ListedProject>,
): Promise<ProjectTarget> {
  const groups = await projectChoices(deps, where, purpose);
  return await only(groups, { title: purpose.title, placeholder: vscode.l10n.t('Select a project') }, 'project');
}

/** The projects to choose from, under their folders where those are several. */
export async function projectChoices(
  { api, host }: CommandDeps,
  where: RecordSelector,
  { action, suits = () => true }: Omit<Purpose<ListedProject>, 'title'>,
): Promise<(Choice<ProjectTarget> | vscode.QuickPickItem)[]> {
  const { projectId } = where;
  const wanted = (project: ListedProject): boolean =>
    projectId === undefined ? suits(project) : project.id === projectId;
  return await inFolders({ api, host }, where.folder, action, async (folder) =>
    (await api.projects.list({ folder })).filter(wanted).map((project) => ({
      label: plain(project.name),
      description: project.clonePath,
      value: { folder, project },
    })),
  );
}

export async function pickTask(
  { api, host }: CommandDeps,
  where: RecordSelector,
  purpose: Purpose<Task>,
): Promise<TaskTarget> {
  const { title, action, suits = () => true } = purpose;
  const { taskId } = where;
  if (taskId !== undefined) {
    const { folder } = await kernelOf(host, where, action);
    return { folder, task: (await api.tasks.get({ folder, taskId })).task };
  }
  const groups = await inFolders({ api, host }, where.folder, action, async (folder) =>
    (await api.tasks.list({ folder })).filter(suits).map((task) => ({
      label: plain(task.title),
      description: `${task.status} · ${task.id}`,
      value: { folder, task },
    })),
  );
  return await only(groups, { title, placeholder: vscode.l10n.t('Select a task') }, 'task');
}

/** What a subtask is picked for; `failedStage` leaves out those of which that stage has not failed. */
export interface SubtaskPurpose extends Purpose<ListedSubtask> {
  readonly failedStage?: StageName;
}

export async function pickSubtask(
  { api, host }: CommandDeps,
  where: RecordSelector,
  purpose: SubtaskPurpose,
): Promise<SubtaskTarget> {
  const { title, action, failedStage, suits = () => true } = purpose;
  const { subtaskId } = where;
  if (subtaskId !== undefined) {
    const { folder } = await kernelOf(host, where, action);
    return { folder, subtask: (await api.subtasks.get({ folder, subtaskId })).subtask };
  }
  const groups = await inFolders({ api, host }, where.folder, action, async (folder) => {
    const tasks = await api.tasks.list({ folder });
    const kernel = await kernelOf(host, { folder }, action);
    const failures = failedStage === undefined ? [] : kernel.read(stageFailures);
    const failed = new Set(failures.filter(({ stage }) => stage === failedStage).map(({ subject }) => subject));
    const isWanted = (subtask: ListedSubtask): boolean =>
      suits(subtask) && (failedStage === undefined || failed.has(subtask.id));
    const lists = await Promise.all(
      tasks.map(async (task) =>
        (await api.subtasks.list({ folder, taskId: task.id })).filter(isWanted).map((subtask) => ({
          label: plain(subtask.title),
          description: `${subtask.blockedReason ?? subtask.status} · ${subtask.id}`,
          detail: plain(task.title),
          value: { folder, subtask },
        })),
      ),
    );
    return lists.flat();
  });
  return await only(groups, { title, placeholder: vscode.l10n.t('Select a subtask') }, 'subtask');
}

/** The dispatch of the newest attempt that started: the running one, where there is one. */
export function newestDispatch(attempts: readonly AgentRun[]): string | undefined {
  return attempts.find(({ dispatchId }) => dispatchId !== null)?.dispatchId ?? undefined;
}

export async function detailsOf({ api }: CommandDeps, { folder, subtask }: SubtaskTarget): Promise<SubtaskDetails> {
  return await api.subtasks.get({ folder, subtaskId: subtask.id });
}
