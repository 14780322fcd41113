/** Commands on subtasks. */
import path from 'node:path';
import * as vscode from 'vscode';
import { GIT_SCHEME, gitFileQuery } from '../../contract/pages/documents';
import type { SubtaskChanges } from '../../contract/results/tasks';
import { KernelError } from '../../kernel/errors/errors';
import type { Subtask } from '../../kernel/tasks/record/model';
import { confirm } from '../../window/dialogs/ask';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import { handOverSubtask } from './handOver';
import { planCommands } from './planEditor';
import { oneLine } from '../../window/dialogs/labels';
import type { RecordSelector } from '../../services/operations/host';
import { literally } from '../../window/dialogs/present';
import type { Purpose } from '../shared/pickers';
import { mergeOnGitHub, type PullRequestCommands } from './pullRequests';
import { confirmTrust, elsewherePurpose, landingDepsOf } from '../project/trustLocation';
import { subtaskLocation } from '../../services/tasks/project/locations';
import { detailsOf, newestDispatch, pickProject, pickSubtask } from '../shared/taskPickers';

const is = (status: Subtask['status']) => (subtask: Subtask) => subtask.status === status;
const mayRetry = ({ blockedReason, status, lastError }: Subtask) =>
  blockedReason === 'FAILURE' || (status === 'IN_PROGRESS' && lastError !== null);
const hasBranch = (subtask: Subtask) => subtask.branchName !== null && subtask.status !== 'MERGED';
const hasWorktree = (subtask: Subtask) => subtask.worktreePath !== null;

export function subtaskCommands(deps: CommandDeps): Omit<HandlersOf<'subtask'>, keyof PullRequestCommands> {
  const { api, host } = deps;
  const pick = (args: RecordSelector, title: string, action: string, suits?: (subtask: Subtask) => boolean) => {
    const purpose: Purpose<Subtask> = suits === undefined ? { title, action } : { title, action, suits };
    return pickSubtask(deps, args, purpose);
  };
  const allow = async (folder: string, { agentKind }: Subtask, confirm: true | undefined): Promise<void> => {
    if (agentKind !== null) await host.taskServices.allowAgents(folder, confirm, agentKind);
    await host.taskServices.allowAgents(folder, confirm);
  };
  return {
    ...planCommands(deps),
    'intercore.subtask.start': async (args) => {
      const { folder, subtask } = await pick(args, vscode.l10n.t('Start Subtask'), 'start', is('READY'));
      await allow(folder, subtask, args.confirm);
      return await api.subtasks.start({ folder, subtaskId: subtask.id });
    },
    'intercore.subtask.retry': async (args) => {
      const { folder, subtask } = await pick(args, vscode.l10n.t('Retry Subtask'), 'retry', mayRetry);
      await allow(folder, subtask, args.confirm);
      return await api.subtasks.retry({ folder, subtaskId: subtask.id });
    },
    'intercore.subtask.handOver': (args, caller) => handOverSubtask(deps, args, caller),
    'intercore.subtask.retrySetup': async (args) => {
      const purpose = {
        title: vscode.l10n.t('Retry Setup'),
        action: 'retry the set-up of',
        failedStage: 'setup',
      } as const;
      const { folder, subtask } = await pickSubtask(deps, args, purpose);
      await host.taskServices.allowAgents(folder, args.confirm);
      return await api.subtasks.retrySetup({ folder, subtaskId: subtask.id });
    },
    'intercore.subtask.stop': async (args) => {
      const { folder, subtask } = await pick(args, vscode.l10n.t('Stop Subtask'), 'stop', is('IN_PROGRESS'));
      return await api.subtasks.stop({ folder, subtaskId: subtask.id });
    },
    'intercore.subtask.merge': (args) => merge(deps, args),
    'intercore.subtask.showChanges': async (args) => {
      const target = await pick(args, vscode.l10n.t('Show Changes'), 'show the changes of', hasBranch);
      const changes = await api.subtasks.changes({ folder: target.folder, subtaskId: target.subtask.id });
      await vscode.commands.executeCommand('vscode.changes', changesTitle(target.subtask), resourcesOf(changes));
      return changes;
    },
    'intercore.subtask.show': async (args) => {
      const { folder, subtask } = await pick(args, vscode.l10n.t('Show Subtask'), 'show');
      await openDocument({ kind: 'subtask', folder, subtaskId: subtask.id });
      return subtask.id;
    },
    'intercore.subtask.showLog': async (args) => {
      const title = vscode.l10n.t('Show Log');
      const picked = await pickSubtask(deps, args, { title, action: 'show' });
      const log = await setupLogOf(deps, picked);
      if (log !== undefined) return await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(log));
      const target = await dispatchOf(deps, { folder: picked.folder, subtaskId: picked.subtask.id }, title);
      return await vscode.commands.executeCommand('intercore.dispatch.showLog', target);
    },
    'intercore.subtask.showPrompt': async (args) => {
      const target = await dispatchOf(deps, args, vscode.l10n.t('Show Prompt'));
      return await vscode.commands.executeCommand('intercore.dispatch.openPrompt', target);
    },
    'intercore.subtask.openWorktree': async (args) => {
      const { subtask } = await pick(args, vscode.l10n.t('Open Worktree'), 'open the worktree of', hasWorktree);
      const { worktreePath } = subtask;
      if (worktreePath === null) throw new KernelError('NOT_FOUND', { what: 'worktree of subtask', id: subtask.id });
      const uri = vscode.Uri.file(worktreePath);
      await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
      return worktreePath;
    },
    'intercore.subtask.trustLocation': async (args) => {
      const { folder, subtask } = await pickSubtask(deps, args, elsewherePurpose('trust the worktree of'));
      const where = { folder, subtaskId: subtask.id };
      const real = args.path ?? (await subtaskLocation(await landingDepsOf(deps, where), subtask.id));
      await confirmTrust(args.confirm, subtask.title, real);
      return await api.subtasks.trustLocation({ ...where, path: real });
    },
    'intercore.subtask.copyId': async (args) => {
      const { subtask } = await pick(args, vscode.l10n.t('Copy Subtask Id'), 'copy the id of');
      await vscode.env.clipboard.writeText(subtask.id);
      return subtask.id;
    },
    'intercore.subtask.copyBranch': async (args) => {
      const suits = ({ branchName }: Subtask): boolean => branchName !== null;
      const { subtask } = await pick(args, vscode.l10n.t('Copy Branch'), 'copy the branch of', suits);
      const { branchName } = subtask;
      if (branchName === null) throw new KernelError('NOT_FOUND', { what: 'branch of subtask', id: subtask.id });
      await vscode.env.clipboard.writeText(branchName);
      return branchName;
    },
  };
}

/** Asks before the merge, because it moves the base branch of the person. */
async function merge(deps: CommandDeps, args: CommandArgs<'intercore.subtask.merge'>): Promise<unknown> {
  const { api } = deps;
  const purpose = { title: vscode.l10n.t('Merge Subtask'), action: 'merge', suits: is('COMPLETED') };
  const { folder, subtask } = await pickSubtask(deps, args, purpose);
  const target = { folder, subtaskId: subtask.id };
  const { task } = await api.tasks.get({ folder, taskId: subtask.taskId });
  const { project } = await pickProject(deps, { folder, projectId: task.projectId }, purposeOfProject());
  if (project.remote !== null && subtask.status === 'COMPLETED') {
    return await mergeOnGitHub(deps, { folder, subtask }, args.confirm);
  }
  if (args.confirm === undefined && subtask.status === 'COMPLETED') {
    const changes = await api.subtasks.changes(target);
    const names = { branch: changes.branch, base: project.defaultBranch };
    await confirm(undefined, {
      message: literally(vscode.l10n.t('Merge {branch} into {base}?', names)),
      detail: [
        oneLine(subtask.title),
        ...changes.commits.slice(0, SHOWN_COMMITS).map(({ sha, subject }) => `${sha.slice(0, 8)} ${oneLine(subject)}`),
        ...(changes.commits.length > SHOWN_COMMITS ? ['…'] : []),
        vscode.l10n.t('Its worktree is removed, and subtasks that depend on it can start.'),
        ...(changes.skippedHooks.length === 0
          ? []
          : [
              vscode.l10n.t('These hooks of the repository do not run: {hooks}', {
                hooks: changes.skippedHooks.join(', '),
              }),
            ]),
      ].join('\n'),
      verb: vscode.l10n.t('Merge'),
    });
  }
  return await api.subtasks.merge(target);
}

const SHOWN_COMMITS = 10;

const purposeOfProject = () => ({ title: vscode.l10n.t('Merge Subtask'), action: 'merge into' });

function changesTitle({ number, title }: Subtask): string {
  return vscode.l10n.t('Changes of {0}. {1}', number, oneLine(title));
}

type ChangedResource = readonly [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined];

/** Each file with its side before and its side now, as the editor of changes takes them. */
function resourcesOf({ clonePath, baseSha, headSha, worktree, files }: SubtaskChanges): ChangedResource[] {
  const place = (file: string): vscode.Uri => vscode.Uri.file(path.join(worktree ?? clonePath, file));
  const atCommit = (sha: string, file: string): vscode.Uri =>
    place(file).with({ scheme: GIT_SCHEME, query: gitFileQuery({ clonePath, sha, path: file }) });
  const now = (file: string): vscode.Uri => (worktree === null ? atCommit(headSha, file) : place(file));
  return files.map(({ before, after }): ChangedResource => [
    place(after ?? before ?? ''),
    before === null ? undefined : atCommit(baseSha, before),
    after === null ? undefined : now(after),
  ]);
}

/** While the worktree of a subtask is made or set up, what is of interest is the log of the set-up. */
async function setupLogOf(
  { host }: CommandDeps,
  { folder, subtask }: { readonly folder: string; readonly subtask: Subtask },
): Promise<string | undefined> {
  if (subtask.status !== 'IN_PROGRESS' || subtask.stage !== 'prepare') return undefined;
  const { lastSetupLog } = await import('../../services/tasks/worktreeSetup/setupLogs.js');
  return lastSetupLog(host.taskServices.storageDir(folder), subtask);
}

/** The newest attempt at a subtask, as the commands on dispatches take it. */
async function dispatchOf(
  deps: CommandDeps,
  args: RecordSelector,
  title: string,
): Promise<{ readonly folder: string; readonly dispatchId: string }> {
  const target = await pickSubtask(deps, args, { title, action: 'show' });
  const { attempts } = await detailsOf(deps, target);
  const dispatchId = newestDispatch(attempts);
  if (dispatchId === undefined)
    throw new KernelError('NOT_FOUND', { what: 'attempt at subtask', id: target.subtask.id });
  return { folder: target.folder, dispatchId };
}
