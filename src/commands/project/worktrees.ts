/** Commands on worktrees: restoring their snapshots, and removing unused ones. */
import { shownReason } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type {
  RestoredWorktree,
  UnusedReason,
  UnusedWorktree,
  WorktreeCleanup,
  WorktreeSnapshot,
} from '../../contract/results/worktrees';
import { KernelError } from '../../kernel/errors/errors';
import { defined } from '../../kernel/defined';
import { chooseSome, confirm, Dismissed } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine, plain } from '../../window/dialogs/labels';
import { inFolders, only, pickFolder } from '../shared/pickers';
import { literally } from '../../window/dialogs/present';
import { setUp } from './worktreeSetup';
import { noneAvailable } from '../shared/noneAvailable';
import { storedRef, type Loss } from '../../contract/treeLoss';

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
  if (caller === 'person') inBackground(deps.log, 'showing what was restored', () => offerToOpen(restored));
  return restored;
}

async function pickSnapshot(
  { api, host }: CommandDeps,
  args: CommandArgs<'intercore.worktree.restore'>,
): Promise<{ readonly folder: string; readonly snapshot: WorktreeSnapshot }> {
  const [title, action] = [vscode.l10n.t('Restore Worktree'), 'restore'];
  const { projectId, ref } = args;
  const groups = await inFolders({ api, host }, args.folder, action, async (folder) =>
    (await api.worktrees.snapshots({ folder, ...defined({ projectId }) })).snapshots
      .filter((snapshot) => ref === undefined || snapshot.ref === ref)
      .map((snapshot) => ({ ...snapshotTexts(snapshot), value: { folder, snapshot } })),
  );
  if (ref !== undefined && groups.length === 0) throw new KernelError('NOT_FOUND', { what: 'snapshot', id: ref });
  const placeholder = vscode.l10n.t('Select a snapshot to restore to a new worktree and branch');
  return await only(groups, { title, placeholder }, 'snapshot');
}

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

async function offerToOpen({ path: folder, branch, isNew }: RestoredWorktree): Promise<void> {
  const facts = { branch, folder };
  const message = isNew
    ? vscode.l10n.t('Restored on branch {branch} in {folder}.', facts)
    : vscode.l10n.t('It was already restored on branch {branch} in {folder}.', facts);
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
  const chosen = args.paths === undefined ? await chooseUnusedWorktrees(deps, folder, args) : undefined;
  const paths = args.paths ?? (chosen ?? []).map((worktree) => worktree.path);
  const forget = args.forget ?? chosen?.some(isUnseen) ?? false;
  await confirm(args.confirm, {
    message: inWords(vscode.l10n, 'Remove {count} worktrees?', { count: paths.length }),
    detail: [
      ...paths.slice(0, SHOWN_PATHS),
      ...(paths.length > SHOWN_PATHS ? ['…'] : []),
      ...(forget ? ['', forgetText()] : []),
      '',
      vscode.l10n.t('Uncommitted changes are kept as snapshots in git. Branches are kept.'),
    ].join('\n'),
    verb: vscode.l10n.t('Remove'),
  });
  const outcome = await deps.api.worktrees.clean({ folder, paths, forget });
  if (caller === 'person') showOutcome(deps, outcome);
  return outcome;
}

const SHOWN_PATHS = 15;

const isUnseen = ({ reason }: UnusedWorktree): boolean => reason === 'unseen';

function forgetText(): string {
  return vscode.l10n.t(
    'Git forgets the worktrees that cannot be seen. Their folders are not changed. If their disk is only disconnected, connect it instead: its uncommitted changes are not in the snapshot.',
  );
}

/** Those of a subtask are chosen by its row. */
async function chooseUnusedWorktrees(
  { api }: CommandDeps,
  folder: string,
  { subtaskId, confirm: all }: CommandArgs<'intercore.worktree.cleanUp'>,
): Promise<readonly UnusedWorktree[]> {
  const found = (await api.worktrees.unused({ folder })).unused;
  const unused = found.filter(
    (worktree) => subtaskId === undefined || path.basename(worktree.path).startsWith(`${subtaskId}-`),
  );
  if (unused.length === 0) {
    throw noneAvailable('unusedWorktree');
  }
  if (subtaskId !== undefined) return unused;
  if (all) return unused.filter((worktree) => !isUnseen(worktree));
  const title = vscode.l10n.t('Clean Up Worktrees');
  const placeholder = vscode.l10n.t('Select unused worktrees to remove');
  const values = unused.filter((worktree) => !isUnseen(worktree));
  const chosen = await chooseSome(
    { title, placeholder, values, problem: () => undefined },
    unused.map((worktree) => ({ ...unusedWorktreeChoice(worktree), value: worktree })),
  );
  if (chosen.length === 0) throw new Dismissed();
  return chosen;
}

function unusedWorktreeChoice(worktree: UnusedWorktree) {
  const { path: folder, branch, reason, changes, holds } = worktree;
  const parts = [...(changes.length === 0 ? [] : [listOf(changes)]), ...holds.map(lossText)];
  const loose = isUnseen(worktree)
    ? vscode.l10n.t('contents unknown')
    : parts.length === 0
      ? vscode.l10n.t('nothing uncommitted')
      : parts.join(' · ');
  return {
    label: plain(path.basename(folder)),
    description: [reasonText(reason), ...(branch === null ? [] : [oneLine(branch)])].join(' · '),
    detail: `${folder} · ${loose}`,
  };
}

function reasonText(reason: UnusedReason): string {
  switch (reason) {
    case 'restored':
      return vscode.l10n.t('restored from a snapshot');
    case 'planned':
      return vscode.l10n.t('planning has ended');
    case 'forgotten':
      return vscode.l10n.t('not used by its subtask');
    case 'deleted':
      return vscode.l10n.t('its task or subtask was deleted');
    case 'unseen':
      return vscode.l10n.t('cannot be seen');
  }
}

/** Reports the snapshots and what could not be removed, which no view shows. */
function showOutcome({ log }: CommandDeps, { removed, left }: WorktreeCleanup): void {
  const kept = removed.flatMap(({ snapshot }) => (snapshot === null ? [] : [snapshot]));
  const lines = [
    ...(removed.length === 0 ? [] : [vscode.l10n.t('Worktrees removed: {0}.', removed.length)]),
    ...(kept.length === 0 ? [] : [vscode.l10n.t('Snapshots are kept: {0}.', kept.join(', '))]),
    ...left.map((one) =>
      inWords(vscode.l10n, '{0} could not be removed: {1}.', one.path, shownReason(vscode.l10n, one.problem)),
    ),
  ];
  const message = literally(lines.join(' '));
  inBackground(log, 'showing what is left', () =>
    left.length === 0 ? vscode.window.showInformationMessage(message) : vscode.window.showWarningMessage(message),
  );
}

const SHOWN_FILES = 5;

/** One loss, as a list of choices names it. */
function lossText(lost: Loss): string {
  const ref = storedRef(lost);
  const text = textOf(lost);
  return ref === undefined ? text : `${text} · ${vscode.l10n.t('in the submodule of your clone as {ref}', { ref })}`;
}

function textOf(lost: Loss): string {
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
      return lost.path === ''
        ? vscode.l10n.t('it cannot be read: {problem}', { problem: plain(shownReason(vscode.l10n, lost.problem)) })
        : vscode.l10n.t('files of the repository {folder}', { folder });
  }
}

/** The first files, and how many more there are. */
function listOf(files: readonly string[]): string {
  const shown = files.slice(0, SHOWN_FILES).map(plain).join(', ');
  const more = files.length - SHOWN_FILES;
  return more > 0 ? vscode.l10n.t('{files} and {count} more', { files: shown, count: more }) : shown;
}
