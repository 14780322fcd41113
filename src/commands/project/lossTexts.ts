/** What of a worktree exists nowhere else, in the words of the editor. */
import * as vscode from 'vscode';
import { storedRef, type Loss } from '../../contract/treeLoss';
import { plain } from '../../window/dialogs/labels';

const SHOWN_FILES = 5;

/** One loss, as a list of choices names it. */
export function lossText(lost: Loss): string {
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
        ? vscode.l10n.t('it cannot be read: {problem}', { problem: plain(lost.problem) })
        : vscode.l10n.t('files of the repository {folder}', { folder });
  }
}

/** The first files, and how many more there are. */
export function listOf(files: readonly string[]): string {
  const shown = files.slice(0, SHOWN_FILES).map(plain).join(', ');
  const more = files.length - SHOWN_FILES;
  return more > 0 ? vscode.l10n.t('{files} and {count} more', { files: shown, count: more }) : shown;
}
