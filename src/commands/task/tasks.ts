/** Commands on projects and tasks. */
import { inWords } from '../../kernel/errors/reasons/fill';
import { shownReason } from '../../kernel/errors/shownReason';
import * as vscode from 'vscode';
import type { TaskDeletion, TaskSync } from '../../contract/results/tasks';
import { KernelError } from '../../kernel/errors/errors';
import type { Task } from '../../kernel/tasks/record/model';
import { defined } from '../../kernel/defined';
import { confirm, enter } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import { createTask } from './createTask';
import { handOverPlan } from './handOver';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import type { GitHubProjectCommands } from '../project/gitHubProjects';
import type { LeadCommands } from './lead';
import type { ProjectMoveCommands } from '../project/projectMoves';
import { oneLine } from '../../window/dialogs/labels';
import { literally } from '../../window/dialogs/present';
import { pickFolder, type Purpose } from '../shared/pickers';
import { allowQueued } from '../dispatch/queue';
import { choosePolicy } from '../shared/policyChoice';
import { newestDispatch, pickTask } from '../shared/taskPickers';

const is = (status: Task['status']) => (task: Task) => task.status === status;

export function projectCommands(
  deps: CommandDeps,
): Omit<HandlersOf<'project'>, keyof GitHubProjectCommands | keyof ProjectMoveCommands | keyof LeadCommands> {
  const { api } = deps;
  return {
    'intercore.project.useFolder': async (args) => {
      const suits = ({ state }: { state: string }): boolean => state === 'ready' || state === 'missing';
      const purpose = { title: vscode.l10n.t('Use This Folder'), action: 'use as a project', suits };
      return await api.projects.add({ ...args, folder: await pickFolder(deps, args.folder, purpose) });
    },
    'intercore.project.allowAgents': async (args) => {
      const purpose = { title: vscode.l10n.t('Allow Agents'), action: 'allow agents in' };
      const folder = await pickFolder(deps, args.folder, purpose);
      await deps.host.taskServices.allowAgents(folder, args.confirm);
      await allowQueued(deps, folder, args.confirm);
      return { folder };
    },
  };
}

export function taskCommands(deps: CommandDeps): HandlersOf<'task'> {
  const { api, host } = deps;
  const allow = async (folder: string, { plannerKind }: Task, confirmed: true | undefined): Promise<void> => {
    if (plannerKind !== null) await host.taskServices.allowAgents(folder, confirmed, plannerKind);
    await host.taskServices.allowAgents(folder, confirmed);
  };
  const purpose = (title: string, action: string, suits?: (task: Task) => boolean): Purpose<Task> =>
    suits === undefined ? { title, action } : { title, action, suits };
  return {
    'intercore.task.create': (args) => createTask(deps, args),
    'intercore.task.retryPlanning': async (args) => {
      const wanted = purpose(vscode.l10n.t('Retry Planning'), 'plan again', is('PLANNING_FAILED'));
      const { folder, task } = await pickTask(deps, args, wanted);
      await allow(folder, task, args.confirm);
      return await api.tasks.retryPlanning({ folder, taskId: task.id });
    },
    'intercore.task.revisePlan': async (args) => {
      const title = vscode.l10n.t('Revise Plan');
      const { folder, task } = await pickTask(deps, args, purpose(title, 'revise the plan of', is('ACTIVE')));
      const text = args.text ?? (await enterRevision(title));
      await allow(folder, task, args.confirm);
      const revised = await api.tasks.revisePlan({ folder, taskId: task.id, text });
      if (!revised.continuesSession) showFreshPlanner(deps);
      return revised;
    },
    'intercore.task.handOver': (args, caller) => handOverPlan(deps, args, caller),
    'intercore.task.stopPlanning': async (args) => {
      const wanted = purpose(vscode.l10n.t('Stop Planning'), 'stop planning', is('PLANNING'));
      const { folder, task } = await pickTask(deps, args, wanted);
      return await api.tasks.stopPlanning({ folder, taskId: task.id });
    },
    'intercore.task.sync': async (args) => {
      const title = vscode.l10n.t('Sync Tasks with Beads');
      const folder =
        args.taskId === undefined ? await pickFolder(deps, args.folder, { title, action: 'sync' }) : args.folder;
      const synced = await api.tasks.sync({ ...args, ...defined({ folder }) });
      showSynced(deps, synced);
      return synced;
    },
    'intercore.task.toggleAutoStart': async (args) => {
      const unfinished = (task: Task): boolean => task.status !== 'DONE';
      const wanted = purpose(vscode.l10n.t('Toggle Automatic Start'), 'change', unfinished);
      const { folder, task } = await pickTask(deps, args, wanted);
      await host.taskServices.allowAgents(folder, args.confirm);
      const autoStart = args.autoStart ?? !task.autoStart;
      return await api.tasks.setAutoStart({ folder, taskId: task.id, autoStart });
    },
    'intercore.task.setPermissions': async (args) => {
      const title = vscode.l10n.t('Set Task Permissions');
      const unfinished = (task: Task): boolean => task.status !== 'DONE';
      const { folder, task } = await pickTask(deps, args, purpose(title, 'change', unfinished));
      const permissions = args.permissions ?? (await choosePolicy(title, task.permissions ?? undefined));
      return await api.tasks.setPermissions({ folder, taskId: task.id, ...defined({ permissions }) });
    },
    'intercore.task.show': async (args) => {
      const { folder, task } = await pickTask(deps, args, purpose(vscode.l10n.t('Show Task'), 'show'));
      await openDocument({ kind: 'task', folder, taskId: task.id });
      return task.id;
    },
    'intercore.task.showLog': async (args) => {
      const dispatchId = await dispatchOf(deps, args, vscode.l10n.t('Show Planning Log'));
      return await vscode.commands.executeCommand('intercore.dispatch.showLog', dispatchId);
    },
    'intercore.task.showPrompt': async (args) => {
      const dispatchId = await dispatchOf(deps, args, vscode.l10n.t('Show Planning Prompt'));
      return await vscode.commands.executeCommand('intercore.dispatch.openPrompt', dispatchId);
    },
    'intercore.task.copyId': async (args) => {
      const { task } = await pickTask(deps, args, purpose(vscode.l10n.t('Copy Task Id'), 'copy the id of'));
      await vscode.env.clipboard.writeText(task.id);
      return task.id;
    },
    'intercore.task.delete': async (args) => {
      const { folder, task } = await pickTask(deps, args, purpose(vscode.l10n.t('Delete Task'), 'delete'));
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Delete “{title}” and its subtasks?', { title: oneLine(task.title) })),
        detail: vscode.l10n.t(
          'Its agents are stopped, its run is canceled, and its worktrees are removed. Uncommitted changes are kept as snapshots in git, and branches with unmerged work are kept.',
        ),
        verb: vscode.l10n.t('Delete'),
      });
      const deletion = await api.tasks.delete({ folder, taskId: task.id });
      showLeft(deps, deletion);
      return deletion;
    },
  };
}

/** Reports what needs a person. New and changed subtasks are in the view. */
function showSynced({ log }: CommandDeps, synced: readonly TaskSync[]): void {
  const all = (key: 'refused' | 'closedOutside' | 'missing'): string[] => synced.flatMap((one) => one[key]);
  const lines = [
    ...(synced.length === 0 ? [vscode.l10n.t('No task of this folder uses Beads.')] : []),
    ...all('refused').map((problem) =>
      inWords(vscode.l10n, 'Beads and the record differ: {0}.', shownReason(vscode.l10n, problem)),
    ),
    ...(all('closedOutside').length === 0
      ? []
      : [vscode.l10n.t('Closed in Beads before work started here: {0}.', all('closedOutside').join(', '))]),
    ...(all('missing').length === 0 ? [] : [vscode.l10n.t('Gone from Beads: {0}.', all('missing').join(', '))]),
  ];
  const message = literally(lines.join(' '));
  inBackground(log, 'showing what was synced', () =>
    all('refused').length > 0
      ? vscode.window.showWarningMessage(message)
      : vscode.window.showInformationMessage(
          lines.length > 0 ? message : vscode.l10n.t('The tasks are in sync with Beads.'),
        ),
  );
}

async function enterRevision(title: string): Promise<string> {
  return await enter({
    title,
    placeholder: vscode.l10n.t('What must change in the plan?'),
    problem: (text) => (text.trim() === '' ? vscode.l10n.t('Enter a text.') : undefined),
  });
}

function showFreshPlanner({ log }: CommandDeps): void {
  const message = vscode.l10n.t('The planner starts again with the old plan: it has no session to continue.');
  inBackground(log, 'showing how a plan is revised', () => vscode.window.showInformationMessage(message));
}

/** Reports what a deletion kept or could not remove, which no view shows. */
function showLeft({ log }: CommandDeps, { branches, snapshots, left }: TaskDeletion): void {
  const lines = [
    ...(branches.length === 0
      ? []
      : [vscode.l10n.t('Branches with unmerged work were kept: {0}.', branches.join(', '))]),
    ...(snapshots.length === 0 ? [] : [vscode.l10n.t('Snapshots are kept: {0}.', snapshots.join(', '))]),
    ...left.map((one) =>
      inWords(vscode.l10n, '{0} could not be removed: {1}.', one.path, shownReason(vscode.l10n, one.problem)),
    ),
  ];
  if (lines.length === 0) return;
  const message = literally(lines.join(' '));
  inBackground(log, 'showing what is left', () =>
    left.length === 0 ? vscode.window.showInformationMessage(message) : vscode.window.showWarningMessage(message),
  );
}

/** The newest attempt to plan a task, as the commands on dispatches take it. */
async function dispatchOf(
  deps: CommandDeps,
  args: { readonly folder?: string | undefined; readonly taskId?: string | undefined },
  title: string,
): Promise<{ readonly folder: string; readonly dispatchId: string }> {
  const { folder, task } = await pickTask(deps, args, { title, action: 'show' });
  const { attempts } = await deps.api.tasks.get({ folder, taskId: task.id });
  const dispatchId = newestDispatch(attempts);
  if (dispatchId === undefined) throw new KernelError('NOT_FOUND', { what: 'attempt to plan task', id: task.id });
  return { folder, dispatchId };
}
