/** Commands on the pull requests of subtasks. */
import * as vscode from 'vscode';
import type { SubtaskLanding } from '../../contract/results/tasks';
import { KernelError } from '../../kernel/errors/errors';
import type { Subtask } from '../../kernel/tasks/record/model';
import { isHeld } from '../../kernel/tasks/subtask/held';
import type { MergeOutcome } from '../../kernel/tasks/subtask/progress';
import { decide, Dismissed } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine } from '../../window/dialogs/labels';
import { literally } from '../../window/dialogs/present';
import { pickSubtask, type SubtaskTarget } from '../shared/taskPickers';

type Names = `intercore.subtask.${'openPullRequest' | 'retryPullRequest' | 'markMerged'}`;

export type PullRequestCommands = Pick<HandlersOf<'subtask'>, Names>;

export function pullRequestCommands(deps: CommandDeps): PullRequestCommands {
  const { api } = deps;
  return {
    'intercore.subtask.openPullRequest': async (args) => {
      const suits = ({ prUrl }: Subtask): boolean => prUrl !== null;
      const purpose = { title: vscode.l10n.t('Open Pull Request'), action: 'open the pull request of', suits };
      const { subtask } = await pickSubtask(deps, args, purpose);
      return await openPullRequest(subtask.id, subtask.prUrl);
    },
    'intercore.subtask.retryPullRequest': async (args) => {
      const title = vscode.l10n.t('Retry Pull Request');
      const { folder, subtask } = await pickSubtask(deps, args, { title, action: 'bring out again', suits: isHeld });
      return await api.subtasks.retryPullRequest({ folder, subtaskId: subtask.id });
    },
    'intercore.subtask.markMerged': async (args) => {
      const suits = (subtask: Subtask): boolean => subtask.status === 'COMPLETED' || isHeld(subtask);
      const title = vscode.l10n.t('Mark as Merged');
      const target = await pickSubtask(deps, args, { title, action: 'mark as merged', suits });
      return await markMerged(deps, target, args.force);
    },
  };
}

async function openPullRequest(id: string, url: string | null): Promise<string> {
  if (url === null || !/^https?:\/\//.test(url)) throw new KernelError('NOT_FOUND', { what: 'pull request of', id });
  await vscode.env.openExternal(vscode.Uri.parse(url, true));
  return url;
}

async function markMerged(deps: CommandDeps, target: SubtaskTarget, force?: boolean): Promise<MergeOutcome> {
  const { api, host } = deps;
  const { folder, subtask } = target;
  const where = { folder, subtaskId: subtask.id };
  const rule = host.setting('intercore.github.verifyMerges', folder);
  if (force !== undefined || rule !== 'warn') {
    return await api.subtasks.markMerged(force === undefined ? where : { ...where, force });
  }
  const landing = await api.subtasks.landing(where);
  if (landing.kind === 'merged') return await api.subtasks.markMerged(where);
  await askAnyway(target, landing);
  return await api.subtasks.markMerged({ ...where, force: true });
}

/**
 * Merges a subtask of a project on GitHub: by its pull request while that is open, by recording it where it is merged,
 * and by hand where there is none. `confirmed` stands for *Merge on GitHub*.
 */
export async function mergeOnGitHub(
  deps: CommandDeps,
  target: SubtaskTarget,
  confirmed: true | undefined,
): Promise<MergeOutcome | string> {
  const { api } = deps;
  const { folder, subtask } = target;
  const where = { folder, subtaskId: subtask.id };
  if (confirmed) return await api.subtasks.merge(where);
  const landing = await api.subtasks.landing(where);
  if (landing.kind === 'merged') return await api.subtasks.merge(where);
  if (landing.kind !== 'open') return await markMerged(deps, target);
  const merge = vscode.l10n.t('Merge on GitHub');
  const open = vscode.l10n.t('Open Pull Request');
  const message = vscode.l10n.t('Merge pull request #{number}?', { number: subtask.prNumber ?? 0 });
  const detail = [
    oneLine(subtask.title),
    landing.url,
    vscode.l10n.t('Its worktree is removed here, and subtasks that depend on it can start.'),
  ].join('\n');
  const answer = await decide({ message: literally(message), detail }, [merge, open]);
  return answer === merge ? await api.subtasks.merge(where) : await openPullRequest(subtask.id, landing.url);
}

/** GitHub's objection, which a person may overrule. */
async function askAnyway({ subtask }: SubtaskTarget, landing: SubtaskLanding): Promise<void> {
  const anyway = vscode.l10n.t('Mark as Merged Anyway');
  const open = vscode.l10n.t('Open Pull Request');
  const url = 'url' in landing ? landing.url : null;
  const detail = [
    oneLine(subtask.title),
    ...(url === null ? [] : [url]),
    vscode.l10n.t('Subtasks that depend on it can start, even if its work is not in the base branch.'),
  ].join('\n');
  const verbs = url === null ? [anyway] : [anyway, open];
  if ((await decide({ message: problemWords(landing), detail }, verbs)) === anyway) return;
  await openPullRequest(subtask.id, url);
  throw new Dismissed();
}

function problemWords({ kind }: SubtaskLanding): string {
  switch (kind) {
    case 'open':
      return vscode.l10n.t('The pull request is not merged yet. Mark the subtask as merged?');
    case 'closed':
      return vscode.l10n.t('The pull request was closed without a merge. Mark the subtask as merged?');
    case 'none':
      return vscode.l10n.t(
        'The subtask has no pull request, and its commits are not in the base branch. Mark it as merged?',
      );
    case 'merged':
      return vscode.l10n.t('The pull request is merged. Mark the subtask as merged?');
  }
}
