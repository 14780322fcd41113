/** Commands on worktrees: bringing back what was kept of them, and removing those that nobody needs. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../contract/commands';
import type { Loss } from '../contract/treeLoss';
import type {
  RestoredWorktree,
  StrayReason,
  StrayWorktree,
  WorktreeCleanup,
  WorktreeSnapshot,
} from '../contract/worktrees';
import { KernelError } from '../kernel/errors';
import { chooseSome, confirm, Dismissed } from './ask';
import { inBackground } from './background';
import type { HandlersOf } from './define';
import type { CommandDeps } from './deps';
import { oneLine, plain } from './labels';
import { inFolders, only, pickFolder } from './pickers';
import { literally } from './present';
import { setUp } from './worktreeSetup';

export function worktreeCommands(deps: CommandDeps): HandlersOf<'worktree'> {
  return {
    'intercore.worktree.restore': (args, caller) => restore(deps, args, caller),
    'intercore.worktree.cleanUp': (args, caller) => cleanUp(deps, args, caller),
    'intercore.worktree.setUp': (args) => setUp(deps, args),
  };
}

async function restore(
  deps: CommandDeps,
  args: CommandArgs<'intercore.worktree.restore'>,
  caller: 'person' | 'program',
): Promise<RestoredWorktree> {
  const { folder, snapshot } = await pickSnapshot(deps, args);
  const restored = await deps.api.worktrees.restore({ folder, projectId: snapshot.projectId, ref: snapshot.ref });
  if (caller === 'person') inBackground(deps.log, 'telling what was restored', () => offerToOpen(restored));
  return restored;
}

async function pickSnapshot(
  { api, host }: CommandDeps,
  args: CommandArgs<'intercore.worktree.restore'>,
): Promise<{ readonly folder: string; readonly snapshot: WorktreeSnapshot }> {
  const [title, action] = [vscode.l10n.t('Restore Worktree'), 'restore'];
  const { projectId, ref } = args;
  const groups = await inFolders({ api, host }, args.folder, action, async (folder) =>
    (await api.worktrees.snapshots({ folder, ...(projectId === undefined ? {} : { projectId }) })).snapshots
      .filter((snapshot) => ref === undefined || snapshot.ref === ref)
      .map((snapshot) => ({ ...snapshotTexts(snapshot), value: { folder, snapshot } })),
  );
  if (ref !== undefined && groups.length === 0) throw new KernelError('NOT_FOUND', { what: 'snapshot', id: ref });
  const placeholder = vscode.l10n.t('Which one? It comes back in a worktree and on a branch of its own.');
  return await only(groups, { title, placeholder }, 'snapshot of a worktree', action);
}

const SHOWN_FILES = 5;

function snapshotTexts({ task, subtask, takenAt, files, holds, ref }: WorktreeSnapshot): {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
} {
  const owner = subtask ?? task;
  const label = owner === null ? path.posix.basename(ref) : plain(owner.title);
  const detail = [...(files.length === 0 ? [] : [listOf(files)]), ...holds.map(lossText)].join(' · ');
  return { label, description: new Date(takenAt * 1000).toLocaleString(vscode.env.language), detail };
}

/** What a snapshot holds besides the files of the worktree. */
function lossText(lost: Loss): string {
  const folder = plain(lost.path);
  switch (lost.kind) {
    case 'changes':
      return vscode.l10n.t('changes in {folder}: {files}', { folder, files: listOf(lost.files) });
    case 'ignored':
      return vscode.l10n.t('ignored files: {files}', { files: listOf(lost.files) });
    case 'commits':
      return vscode.l10n.t('branches of {folder}: {branches}', { folder, branches: listOf(lost.branches) });
    case 'detached':
      return vscode.l10n.t('commit {commit} on no branch', { commit: lost.commit.slice(0, 10) });
    case 'stashes':
      return vscode.l10n.t('stashes in {folder}: {count}', { folder, count: lost.count });
    case 'operation':
      return vscode.l10n.t('unfinished {operation}', { operation: lost.operation });
    case 'repository':
      return vscode.l10n.t('nested repository {folder}', { folder });
    case 'unreadable':
      return vscode.l10n.t('files of the repository {folder}', { folder });
  }
}

/** The first files, and how many more there are. */
function listOf(files: readonly string[]): string {
  const shown = files.slice(0, SHOWN_FILES).map(plain).join(', ');
  const more = files.length - SHOWN_FILES;
  return more > 0 ? vscode.l10n.t('{files} and {count} more', { files: shown, count: more }) : shown;
}

async function offerToOpen({ path: folder, branch, isNew }: RestoredWorktree): Promise<void> {
  const facts = { branch, folder };
  const message = isNew
    ? vscode.l10n.t('Restored on the branch {branch}, in {folder}.', facts)
    : vscode.l10n.t('It was restored before: on the branch {branch}, in {folder}.', facts);
  const open = vscode.l10n.t('Open in New Window');
  if ((await vscode.window.showInformationMessage(literally(message), open)) !== open) return;
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow: true });
}

async function cleanUp(
  deps: CommandDeps,
  args: CommandArgs<'intercore.worktree.cleanUp'>,
  caller: 'person' | 'program',
): Promise<WorktreeCleanup> {
  const title = vscode.l10n.t('Clean Up Worktrees');
  const action = 'clean up';
  const suits = ({ state }: { state: string }): boolean => state === 'ready' || state === 'readOnly';
  const folder = await pickFolder(deps, args.folder, { title, action, suits });
  const paths = args.paths ?? (await choosePaths(deps, folder, args.confirm));
  await confirm(args.confirm, {
    message:
      paths.length === 1
        ? vscode.l10n.t('Remove 1 worktree?')
        : vscode.l10n.t('Remove {count} worktrees?', { count: paths.length }),
    detail: [
      ...paths.slice(0, SHOWN_PATHS),
      ...(paths.length > SHOWN_PATHS ? ['…'] : []),
      '',
      vscode.l10n.t('What is not committed in them is kept as a snapshot in git, and their branches stay.'),
    ].join('\n'),
    verb: vscode.l10n.t('Remove'),
  });
  const outcome = await deps.api.worktrees.clean({ folder, paths });
  if (caller === 'person') tell(deps, outcome);
  return outcome;
}

const SHOWN_PATHS = 15;

async function choosePaths({ api }: CommandDeps, folder: string, all: true | undefined): Promise<string[]> {
  const { strays } = await api.worktrees.strays({ folder });
  if (strays.length === 0) {
    throw new KernelError('NONE_AVAILABLE', { what: 'worktree that nobody needs', action: 'remove' });
  }
  const paths = strays.map((stray) => stray.path);
  if (all) return paths;
  const title = vscode.l10n.t('Clean Up Worktrees');
  const placeholder = vscode.l10n.t('Nobody needs these. Which shall go?');
  const chosen = await chooseSome(
    { title, placeholder, values: paths, problem: () => undefined },
    strays.map(strayChoice),
  );
  if (chosen.length === 0) throw new Dismissed();
  return chosen;
}

function strayChoice({ path: folder, branch, reason, changes }: StrayWorktree) {
  const loose = changes.length === 0 ? vscode.l10n.t('nothing uncommitted') : listOf(changes);
  return {
    label: plain(path.basename(folder)),
    description: [reasonText(reason), ...(branch === null ? [] : [oneLine(branch)])].join(' · '),
    detail: vscode.l10n.t('{folder} · {changes}', { folder, changes: loose }),
    value: folder,
  };
}

function reasonText(reason: StrayReason): string {
  switch (reason) {
    case 'restored':
      return vscode.l10n.t('restored from a snapshot');
    case 'planned':
      return vscode.l10n.t('its planning is over');
    case 'forgotten':
      return vscode.l10n.t('its subtask does not use it');
    case 'deleted':
      return vscode.l10n.t('its task or subtask is deleted');
  }
}

/** What was kept and what could not be removed is in no view, so it is said. */
function tell({ log }: CommandDeps, { removed, left }: WorktreeCleanup): void {
  const kept = removed.flatMap(({ snapshot }) => (snapshot === null ? [] : [snapshot]));
  const lines = [
    ...(removed.length === 0 ? [] : [vscode.l10n.t('Worktrees removed: {0}.', removed.length)]),
    ...(kept.length === 0 ? [] : [vscode.l10n.t('Snapshots are kept: {0}.', kept.join(', '))]),
    ...left.map((one) => vscode.l10n.t('{0} could not be removed: {1}.', one.path, one.problem)),
  ];
  const message = literally(lines.join(' '));
  inBackground(log, 'telling what is left', () =>
    left.length === 0 ? vscode.window.showInformationMessage(message) : vscode.window.showWarningMessage(message),
  );
}
