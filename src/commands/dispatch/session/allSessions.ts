/** *Pause All Agents* and *Resume All Agents*: the sessions of all open folders at once. */
import * as vscode from 'vscode';
import type { AllSessions } from '../../../contract/sessions';
import { KernelError } from '../../../kernel/errors/errors';
import { inBackground } from '../../../window/dialogs/background';
import { oneLine } from '../../../window/dialogs/labels';
import { literally } from '../../../window/dialogs/present';
import type { CommandDeps } from '../../shared/deps';

export async function pauseAll(deps: CommandDeps, folder: string | undefined): Promise<AllSessions> {
  const { dispatches, left } = await ofAll(deps, folder, 'pause', (where) => deps.api.sessions.pauseAll(where));
  showOutcome(
    deps,
    [
      ...(dispatches.length === 0 ? [] : [vscode.l10n.t('Agents that pause after this turn: {0}.', dispatches.length)]),
      ...(dispatches.length + left.length === 0 ? [vscode.l10n.t('No agents are running.')] : []),
      ...left.map(({ name, kind, problem }) =>
        problem === null
          ? vscode.l10n.t('{name} was not paused: agents of kind {kind} run without a session.', {
              name: oneLine(name),
              kind,
            })
          : vscode.l10n.t('{name} was not paused: {problem}', { name: oneLine(name), problem }),
      ),
    ],
    left.length > 0,
  );
  return { dispatches, left };
}

export async function resumeAll(deps: CommandDeps, folder: string | undefined): Promise<AllSessions> {
  const { dispatches, left } = await ofAll(deps, folder, 'resume', (where) => deps.api.sessions.resumeAll(where));
  showOutcome(
    deps,
    [
      dispatches.length === 0
        ? vscode.l10n.t('No agents were paused.')
        : vscode.l10n.t('Agents resumed: {0}.', dispatches.length),
      ...left.map(({ name, problem }) =>
        vscode.l10n.t('{name} was not resumed: {problem}', { name: oneLine(name), problem: problem ?? '' }),
      ),
    ],
    left.length > 0,
  );
  return { dispatches, left };
}

/** Of one folder, or of all that are open. */
async function ofAll(
  { api }: CommandDeps,
  folder: string | undefined,
  action: string,
  give: (where: { readonly folder: string }) => Promise<AllSessions>,
): Promise<AllSessions> {
  const folders = folder === undefined ? api.folders().map((open) => open.folder) : [folder];
  if (folders.length === 0) throw new KernelError('NO_FOLDER', { action });
  const given: AllSessions[] = [];
  for (const each of folders) given.push(await give({ folder: each }));
  return { dispatches: given.flatMap((all) => all.dispatches), left: given.flatMap((all) => all.left) };
}

function showOutcome({ log }: CommandDeps, lines: readonly string[], isWarning: boolean): void {
  const message = literally(lines.join(' '));
  inBackground(log, 'showing which agents were paused', () =>
    isWarning ? vscode.window.showWarningMessage(message) : vscode.window.showInformationMessage(message),
  );
}
