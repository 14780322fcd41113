/** The failure of a command that has nothing to apply to: one sentence for each kind of thing. */
import * as vscode from 'vscode';
import { KernelError } from '../../kernel/errors/errors';

const SENTENCES = {
  agent: () => vscode.l10n.t('The run has no agents.'),
  artifact: () => vscode.l10n.t('The run has no artifacts.'),
  backup: () => vscode.l10n.t('There is no backup to restore.'),
  dependency: () => vscode.l10n.t('There is no dependency to remove.'),
  dispatch: () => vscode.l10n.t('There is no dispatch that this command applies to.'),
  evidence: () => vscode.l10n.t('The run has no evidence yet.'),
  finding: () => vscode.l10n.t('There is no finding that this command can fix.'),
  folder: () => vscode.l10n.t('There is no folder that this command applies to.'),
  heldAccount: () => vscode.l10n.t('No agents are held.'),
  item: () => vscode.l10n.t('Nothing needs you.'),
  leaderElsewhere: () => vscode.l10n.t('No other program leads the tasks of this folder.'),
  leaderHere: () => vscode.l10n.t('This window does not lead the tasks of this folder.'),
  phase: () => vscode.l10n.t('There is no phase that this command applies to.'),
  portfolio: () => vscode.l10n.t('There is no portfolio that this command applies to.'),
  project: () => vscode.l10n.t('There is no project that this command applies to.'),
  proposal: () => vscode.l10n.t('No setup steps were found for this project.'),
  queuedDispatch: () => vscode.l10n.t('There is no queued dispatch.'),
  run: () => vscode.l10n.t('There is no run that this command applies to.'),
  snapshot: () => vscode.l10n.t('There is no snapshot to restore.'),
  subtask: () => vscode.l10n.t('There is no subtask that this command applies to.'),
  task: () => vscode.l10n.t('There is no task that this command applies to.'),
  unusedWorktree: () => vscode.l10n.t('There are no unused worktrees.'),
};

export type Choosable = keyof typeof SENTENCES;

export function noneAvailable(what: Choosable): KernelError {
  return new KernelError('NONE_AVAILABLE', { problem: SENTENCES[what]() });
}
