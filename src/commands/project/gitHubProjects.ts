/** Commands that bring projects from GitHub and keep them up to date. */
import * as vscode from 'vscode';
import { hostOf } from '../../host/github/address';
import { isKernelError, KernelError } from '../../kernel/errors/errors';
import type { Project } from '../../kernel/tasks/record/model';
import { parseRepositoryUrl } from '../../kernel/text/repositoryUrl';
import { addFromGitHub } from '../../services/operations/task/gitHubProjects';
import type { AddStep } from '../../services/tasks/project/githubProjects';
import { projectLocation } from '../../services/tasks/project/locations';
import { contentsOf } from '../../services/tasks/project/projectRemoval';
import type { ProjectContents } from '../../contract/results/tasks';
import { confirm, decide, Dismissed, enter } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine } from '../../window/dialogs/labels';
import { failureText, literally } from '../../window/dialogs/present';
import { pickProject } from '../shared/taskPickers';
import { confirmTrust, elsewherePurpose, landingDepsOf } from './trustLocation';

type Names =
  | 'intercore.project.addFromGitHub'
  | 'intercore.project.sync'
  | 'intercore.project.freeClone'
  | 'intercore.project.trustLocation'
  | 'intercore.project.remove'
  | 'intercore.github.signIn';

export type GitHubProjectCommands = Pick<HandlersOf<'project'> & HandlersOf<'github'>, Names>;

export function gitHubProjectCommands(deps: CommandDeps): GitHubProjectCommands {
  const { api, host } = deps;
  return {
    'intercore.project.addFromGitHub': async ({ url, open }) => {
      const given = url ?? (await askUrl(deps));
      return await addWithProgress(deps, given, open ?? true);
    },
    'intercore.project.sync': async (args) => {
      const suits = ({ remote }: Project): boolean => remote !== null;
      const purpose = { title: vscode.l10n.t('Sync Project'), action: 'synchronize', suits };
      const { folder, project } = await pickProject(deps, args, purpose);
      const title = vscode.l10n.t('Synchronizing {name}', { name: project.name });
      const place = { location: vscode.ProgressLocation.Window, title };
      const where = { folder, projectId: project.id };
      const synced = await vscode.window.withProgress(place, () => api.projects.sync(where));
      if (synced.otherDefault !== null) void offerOtherDefault(where, project, synced.otherDefault);
      return synced;
    },
    'intercore.project.freeClone': async (args) => {
      const purpose = { title: vscode.l10n.t('Free Disk Space'), action: 'free', suits: isOurClone };
      const { folder, project } = await pickProject(deps, args, purpose);
      const where = { folder, projectId: project.id };
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Free the disk space of “{name}”?', { name: oneLine(project.name) })),
        detail: vscode.l10n.t(
          'The files of its clone are deleted. Its record and tasks are kept. The repository is cloned again when it is needed.',
        ),
        verb: vscode.l10n.t('Free Disk Space'),
      });
      return await discarding(args.discard, (discard) => api.projects.freeClone({ ...where, ...discard }));
    },
    'intercore.project.trustLocation': async (args) => {
      const { folder, project } = await pickProject(deps, args, elsewherePurpose('trust the location of'));
      const where = { folder, projectId: project.id };
      const real = args.path ?? (await projectLocation(await landingDepsOf(deps, where), project.id));
      await confirmTrust(args.confirm, project.name, real);
      return await api.projects.trustLocation({ ...where, path: real });
    },
    'intercore.project.remove': async (args) => {
      const purpose = { title: vscode.l10n.t('Remove Project'), action: 'remove' };
      const { folder, project } = await pickProject(deps, args, purpose);
      const where = { folder, projectId: project.id };
      const landing = await landingDepsOf(deps, where);
      const contents = landing.kernel.read((r) => contentsOf(r, project.id));
      const clone = args.confirm === true ? args.clone === true : await askRemove(project, contents);
      const tasks = args.tasks === true || args.confirm !== true ? ({ tasks: true } as const) : {};
      if (!clone) return await api.projects.remove({ ...where, ...tasks });
      return await discarding(args.discard, (discard) =>
        api.projects.remove({ ...where, ...tasks, clone: true, ...discard }),
      );
    },
    'intercore.github.signIn': async ({ folder, subtaskId }) => {
      await host.taskServices.gitHub.signIn();
      if (folder !== undefined && subtaskId !== undefined) await api.subtasks.retryPullRequest({ folder, subtaskId });
      return true;
    },
  };
}

/** Of the tasks of a project, how many a question names. */
const NAMED_TASKS = 10;

function isOurClone({ isOurs, remote }: Project): boolean {
  return isOurs && remote !== null;
}

/** Whether its clone is deleted too. */
async function askRemove(project: Project, contents: ProjectContents): Promise<boolean> {
  const remove = vscode.l10n.t('Remove');
  const withClone = vscode.l10n.t('Remove and Delete Clone');
  const message = literally(vscode.l10n.t('Remove project “{name}”?', { name: oneLine(project.name) }));
  const detailOfRemoval = meaningOf(contents);
  if (!isOurClone(project)) {
    await confirm(undefined, { message, detail: detailOfRemoval, verb: remove });
    return false;
  }
  const detailOfClone = vscode.l10n.t('“{button}” also deletes the folder {path} and the history of its runs.', {
    button: withClone,
    path: project.clonePath,
  });
  const detail = `${detailOfRemoval}\n${detailOfClone}`;
  return (await decide({ message, detail }, [remove, withClone])) === withClone;
}

/** What is deleted and what is kept. */
function meaningOf({ tasks, subtasks, agents, worktrees, branches }: ProjectContents): string {
  if (tasks.length === 0) return vscode.l10n.t('Its repository is not changed.');
  return [
    vscode.l10n.t('Tasks that are deleted: {0} (subtasks: {1})', tasks.length, subtasks),
    ...tasks.slice(0, NAMED_TASKS).map(({ title }) => `  ${oneLine(title)}`),
    vscode.l10n.t('Running agents that are stopped: {0}', agents),
    vscode.l10n.t('Worktrees that are removed after a snapshot: {0}', worktrees.length),
    vscode.l10n.t('Branches with unmerged work, which are kept: {0}', branches.length),
    vscode.l10n.t('Its repository and all snapshots are kept.'),
  ].join('\n');
}

/** Asks again if work would be lost that exists nowhere else. */
async function discarding<T>(
  given: true | undefined,
  work: (discard: { readonly discard?: true }) => Promise<T>,
): Promise<T> {
  try {
    return await work(given === undefined ? {} : { discard: given });
  } catch (error) {
    if (!KernelError.is(error, 'WORK_UNPUSHED')) throw error;
    await confirm(undefined, {
      message: literally(vscode.l10n.t('Some work exists only in this clone. Delete it anyway?')),
      detail: error.facts.branches,
      verb: vscode.l10n.t('Delete Anyway'),
    });
    return work({ discard: true });
  }
}

async function askUrl({ host }: CommandDeps): Promise<string> {
  const server = hostOf(host.taskServices.gitHub.connect().github.address);
  return await enter({
    title: vscode.l10n.t('Add Project from GitHub'),
    placeholder: vscode.l10n.t('Address of the repository, or owner/repository'),
    problem: (text) => {
      // Nothing is wrong before anything is typed.
      if (text.trim() === '') return vscode.l10n.t('Enter the address of a repository on {server}.', { server });
      try {
        parseRepositoryUrl(text, server);
        return undefined;
      } catch (error) {
        if (!isKernelError(error)) throw error;
        return failureText(error);
      }
    },
  });
}

async function addWithProgress({ host }: CommandDeps, url: string, open: boolean): Promise<Project> {
  const title = vscode.l10n.t('Adding project from GitHub');
  const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return await vscode.window.withProgress(place, async (progress, token) => {
    const stopping = new AbortController();
    const subscription = token.onCancellationRequested(() => stopping.abort());
    try {
      const onStep = (step: AddStep, name: string): void => progress.report({ message: wordsOf(step, name) });
      return await addFromGitHub(host, { url, open }, { signal: stopping.signal, onStep });
    } catch (error) {
      if (stopping.signal.aborted) throw new Dismissed();
      throw error;
    } finally {
      subscription.dispose();
    }
  });
}

function wordsOf(step: AddStep, name: string): string {
  switch (step) {
    case 'look':
      return vscode.l10n.t('checking {name}', { name });
    case 'fork':
      return vscode.l10n.t('forking {name} (no push access)', { name });
    case 'wait':
      return vscode.l10n.t('waiting for the fork of {name}', { name });
    case 'clone':
      return vscode.l10n.t('cloning {name}', { name });
    case 'record':
      return vscode.l10n.t('creating the record of {name}', { name });
  }
}

interface ProjectFolder {
  readonly folder: string;
  readonly projectId: string;
}

async function offerOtherDefault(where: ProjectFolder, { defaultBranch }: Project, branch: string): Promise<void> {
  const change = vscode.l10n.t('Change Base Branch');
  const names = { branch, base: defaultBranch };
  const message = vscode.l10n.t(
    'The default branch of the remote is now {branch}. Work is still merged into {base}.',
    names,
  );
  if ((await vscode.window.showInformationMessage(message, change)) !== change) return;
  await vscode.commands.executeCommand('intercore.project.changeBase', { ...where, branch });
}
