/** *Set Up Worktrees…*: what new worktrees of a project need, chosen from proposals and written into its settings. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { SetupProposal } from '../../contract/results/worktrees';
import { chooseSome, confirm } from '../../window/dialogs/ask';
import type { CommandDeps } from '../shared/deps';
import { plain } from '../../window/dialogs/labels';
import { writeSetting } from '../../window/settingWrites';
import { pickProject } from '../shared/taskPickers';
import { noneAvailable } from '../shared/noneAvailable';

/** What was written: the values of `intercore.tasks.setup` and `intercore.tasks.include`. */
export interface WrittenSetup {
  readonly setup: readonly (readonly [string, ...string[]])[];
  readonly include: readonly string[];
}

/** With `confirm`, the default choice is written without a question. */
export async function setUp(deps: CommandDeps, args: CommandArgs<'intercore.worktree.setUp'>): Promise<WrittenSetup> {
  const title = vscode.l10n.t('Set Up Worktrees');
  const { folder, project } = await pickProject(deps, args, { title, action: 'set up' });
  const { proposals } = await deps.api.worktrees.proposeSetup({ folder, projectId: project.id });
  if (proposals.length === 0) throw noneAvailable('proposal');
  const chosenFirst = proposals.filter(({ isChosen }) => isChosen);
  const chosen =
    args.confirm === true
      ? chosenFirst
      : await chooseSome(
          {
            title,
            placeholder: vscode.l10n.t('Select setup steps for new worktrees of {project}', {
              project: plain(project.name),
            }),
            values: chosenFirst,
            problem: () => undefined,
          },
          proposals.map((proposal) => ({ ...textsOf(proposal), value: proposal })),
        );
  const written = settingsFor(chosen);
  await confirm(args.confirm, {
    message: vscode.l10n.t('Save these steps in the workspace settings?'),
    detail: [
      ...written.include.map((pattern) => vscode.l10n.t('Copy {pattern}', { pattern })),
      ...written.setup.map((command) => vscode.l10n.t('Run {command}', { command: lineOf(command) })),
      '',
      vscode.l10n.t('The commands run in each new worktree, before the agent and before the checks.'),
    ].join('\n'),
    verb: vscode.l10n.t('Save Settings'),
  });
  await writeSetting('intercore.tasks.setup', [...written.setup].map(mutable), folder);
  await writeSetting('intercore.tasks.include', [...written.include], folder);
  return written;
}

function settingsFor(chosen: readonly SetupProposal[]): WrittenSetup {
  return {
    setup: chosen.flatMap((one) => (one.kind === 'command' ? [one.command] : [])),
    include: chosen.flatMap((one) => (one.kind === 'copy' ? [one.pattern] : [])),
  };
}

function mutable([program, ...args]: readonly [string, ...string[]]): [string, ...string[]] {
  return [program, ...args];
}

function textsOf(proposal: SetupProposal): { readonly label: string; readonly description: string } {
  const source = plain(proposal.source);
  if (proposal.kind === 'command') {
    return {
      label: plain(vscode.l10n.t('Run {command}', { command: lineOf(proposal.command) })),
      description: vscode.l10n.t('found in {file}', { file: source }),
    };
  }
  return {
    label: plain(vscode.l10n.t('Copy {pattern}', { pattern: proposal.pattern })),
    description: vscode.l10n.t('ignored by git'),
  };
}

/** For reading, not for a shell. */
function lineOf(command: readonly string[]): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}
