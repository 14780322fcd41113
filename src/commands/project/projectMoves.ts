/** Commands on facts of a project that change outside: where its repository is, and its base branch. */
import * as vscode from 'vscode';
import { confirm, Dismissed, enter } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine } from '../../window/dialogs/labels';
import { literally } from '../../window/dialogs/present';
import { pickProject } from '../shared/taskPickers';

type Names = 'intercore.project.relocate' | 'intercore.project.changeBase';

export type ProjectMoveCommands = Pick<HandlersOf<'project'>, Names>;

export function projectMoveCommands(deps: CommandDeps): ProjectMoveCommands {
  const { api } = deps;
  return {
    'intercore.project.relocate': async (args) => {
      const purpose = { title: vscode.l10n.t('Relocate Project'), action: 'relocate' };
      const { folder, project } = await pickProject(deps, args, purpose);
      const to = args.to ?? (await chooseFolder());
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Relocate project “{name}”?', { name: oneLine(project.name) })),
        detail: vscode.l10n.t(
          '{from}\n→ {to}\n\nGit and agents will run in the new location, and the worktrees will be linked to it.',
          { from: project.clonePath, to },
        ),
        verb: vscode.l10n.t('Relocate'),
      });
      return await api.projects.relocate({ folder, projectId: project.id, to });
    },
    'intercore.project.changeBase': async (args) => {
      const purpose = { title: vscode.l10n.t('Change Base Branch'), action: 'change the base branch of' };
      const { folder, project } = await pickProject(deps, args, purpose);
      const branch =
        args.branch ??
        (await enter({
          title: vscode.l10n.t('Change Base Branch'),
          value: project.defaultBranch,
          placeholder: vscode.l10n.t('Branch that work is merged into'),
          problem: (text) => (text.trim() === '' ? vscode.l10n.t('Enter the name of a branch.') : undefined),
        }));
      return await api.projects.changeBase({ folder, projectId: project.id, branch: branch.trim() });
    },
  };
}

async function chooseFolder(): Promise<string> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Relocate Project'),
      openLabel: vscode.l10n.t('Select'),
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (chosen === undefined) throw new Dismissed();
  return chosen.fsPath;
}
