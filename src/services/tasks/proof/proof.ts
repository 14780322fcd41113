/**
 * Proves that the work on a subtask is done (promise 2, D34): a proof yields a commit, and exactly that commit is
 * published and merged. Nothing that an agent can configure in its repository affects which commit that is.
 */
import { GIT_CONFIGURED, storedReason } from '../../../kernel/errors/reasons/storedReasons';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { compareNested, compareTree, type TreeComparison } from '../../../host/git/nested/exactTree';
import { branchCommit } from '../../../host/git/branch/branches';
import { withOwnView, type OwnView } from '../../../host/git/view/ownView';
import { ifThere } from '../../../host/files/fileErrors';
import { isInside } from '../../../host/files/paths';
import type { Repository } from '../../../host/git/repository';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { decidingFiles } from '../../../kernel/tasks/project/decidingFiles';
import type { Proof, ProofLocation, Project } from '../../../kernel/tasks/record/model';
import type { Work } from '../worktreeSetup/commandRuns';
import { runChecks, runInCleanTree } from './checkRuns';
import type { TaskDeps } from '../deps';
import { submoduleProblem } from './submoduleProof';
import { repositoryFiles } from '../../../host/git/repositoryFiles';

export type ProofResult =
  | ({ readonly kind: 'proven' } & Proof)
  /** What is wrong with the work, for the next attempt to read. */
  | { readonly kind: 'unproven'; readonly problem: string };

/** How often a proof is repeated if the work changed during the checks. */
const MAX_ROUNDS = 3;
const NAMED_FILES = 10;

/** Whether the work is done, with its commit. Rejects with the signal's reason. */
export async function proveWork(deps: TaskDeps, repository: Repository, work: Work): Promise<ProofResult> {
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const result = await proveOnce(deps, repository, work);
    if (result.kind !== 'moved') return result;
  }
  return unproven('its branch or its files kept changing while the checks ran');
}

async function proveOnce(
  deps: TaskDeps,
  repository: Repository,
  work: Work,
): Promise<ProofResult | { readonly kind: 'moved' }> {
  const { branchName, worktreePath } = work.subtask;
  if (branchName === null || worktreePath === null) return unproven('it has no worktree');
  const examine = () => examined(deps, repository, work, { branchName, worktreePath });
  const found = await deps.heavySteps.run(work.subtask.id, examine, work.signal);
  if (found.problem !== undefined) return unproven(found.problem);
  const { order, where, changed } = found;
  const { commit } = order;
  const problem = await runProof(deps, repository, order);
  if ((await branchCommit(repository, branchName)) !== commit) return { kind: 'moved' };
  if (problem !== undefined) return unproven(problem);
  const deciding = await withOwnView(repository, (view) =>
    decidingFiles(deps.settings().checks, changed, (file) => view.textOf(commit, file)),
  );
  return { kind: 'proven', commit, where, decidingFiles: deciding };
}

type Examined =
  | { readonly problem: string }
  | {
      readonly problem?: undefined;
      readonly order: Order;
      readonly where: ProofLocation;
      /** The files that the commit changes. */
      readonly changed: readonly string[];
    };

/** The commit, and all proofs that need no running check. */
async function examined(
  deps: TaskDeps,
  repository: Repository,
  work: Work,
  { branchName, worktreePath }: { readonly branchName: string; readonly worktreePath: string },
): Promise<Examined> {
  const place = await placeProblem(repository, worktreePath, branchName);
  if (place !== undefined) return { problem: place };
  // Read once: everything below concerns this commit.
  const commit = await branchCommit(repository, branchName);
  if (commit === undefined)
    return { problem: storedReason('the branch {branch} has no commit', { branch: branchName }) };
  const order = { ...work, tree: worktreePath, commit };
  const dangling = await withOwnView(repository, (view) => submoduleProblem(view, work, worktreePath, commit));
  if (dangling !== undefined) return { problem: dangling };
  const start = await looseWork(deps, repository, order);
  if (start.problem !== undefined) return start;
  const { problem, changed } = await withOwnView(repository, (view) => idleness(view, work, commit));
  return problem === undefined ? { order, where: start.where, changed } : { problem };
}

/** Why the worktree is not the one that we created for the branch. */
async function placeProblem(repository: Repository, tree: string, branch: string): Promise<string | undefined> {
  if (!existsSync(tree)) return storedReason('its worktree {tree} is missing', { tree });
  const link = path.join(tree, '.git');
  const isFile = (await ifThere(lstat(link)))?.isFile() === true;
  const named = isFile ? /^gitdir: (.+)$/m.exec(await readFile(link, 'utf8'))?.[1] : undefined;
  const { common } = await repositoryFiles(repository.git, repository.folder);
  const worktrees = await ifThere(realpath(path.join(common, 'worktrees')));
  const gitDir = named === undefined ? undefined : await ifThere(realpath(path.resolve(tree, named)));
  if (worktrees === undefined || gitDir === undefined || !isInside(worktrees, gitDir)) {
    return storedReason('its worktree {tree} belongs to another repository', { tree });
  }
  const worktree = await repository.git.places.gitFolder(tree);
  const found = await repository.git.ask(worktree, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (found === branch) return undefined;
  return found === undefined
    ? storedReason('the worktree is on no branch and not on {branch}', { branch })
    : storedReason('the worktree is on {found} and not on {branch}', { found, branch });
}

interface Idleness {
  readonly problem?: string;
  /** The files that the commit changes. */
  readonly changed: readonly string[];
}

/** Why the commit contains no own work: it changes nothing, or the base branch already has it. */
async function idleness(view: OwnView, { project, subtask }: Work, commit: Sha): Promise<Idleness> {
  const base = shaOf(subtask.baseSha ?? '');
  if (base === undefined) return { problem: storedReason('it has no base commit'), changed: [] };
  if (await view.isAncestor(commit, base))
    return { problem: storedReason('the branch has no commit of its own'), changed: [] };
  const changed = await view.changedFiles(base, commit);
  if (changed.length === 0) return { problem: storedReason('the branch has no changes of its own'), changed };
  const landed = await landedCommit(view, project, commit);
  if (landed === undefined) return { changed };
  const problem = storedReason(
    '“{base}” already contains this work, and Intercore did not merge it. Commit on the branch of the subtask only',
    { base: project.defaultBranch },
  );
  return { problem, changed };
}

interface Order extends Work {
  readonly tree: string;
  readonly commit: Sha;
}

type Start = { readonly problem: string } | { readonly problem?: undefined; readonly where: ProofLocation };

/** What the commit lacks, and where its checks run: in a clean tree if there is a set-up command. */
async function looseWork(deps: TaskDeps, repository: Repository, { tree, commit }: Order): Promise<Start> {
  if (hasSetup(deps)) {
    // Files that the agent hides are not in the clean tree; forgotten files mean unfinished work.
    const files = await repository.uncommitted(await repository.git.places.gitFolder(tree));
    const below = await withOwnView(repository, (view) => compareNested(view, tree, commit));
    const named = namedFiles([...files, ...below.changed, ...below.uncommitted]);
    if (named === undefined) return { where: 'clean tree' };
    return { problem: storedReason('not everything is committed: {files}', { files: named }) };
  }
  const found = await withOwnView(repository, (view) => compareTree(view, tree, commit));
  const files = differences(found);
  if (files !== undefined) {
    const key = await ownWay(repository);
    return {
      problem:
        key === undefined
          ? storedReason('not everything is committed: {files}', { files })
          : storedReason(GIT_CONFIGURED, { files, key }),
    };
  }
  return { where: found.hasIgnored ? 'agent tree with ignored files' : 'agent tree' };
}

/** The key of the repository's configuration that makes files differ. Comparisons ignore it: agents can change it. */
async function ownWay({ git, folder }: Repository): Promise<string | undefined> {
  // Comparisons follow line endings of the user's configuration. A sparse checkout may be set for one worktree.
  const found = {
    'core.autocrlf': await git.ask(folder, ['config', '--local', '--get', 'core.autocrlf']),
    'core.eol': await git.ask(folder, ['config', '--local', '--get', 'core.eol']),
    'core.sparseCheckout': await git.ask(folder, ['config', '--get', 'core.sparseCheckout']),
  };
  return Object.entries(found).find(([, value]) => (value ?? 'false') !== 'false')?.[0];
}

/** Runs the checks. In the agent's tree, they must not change the files of the commit. */
async function runProof(deps: TaskDeps, repository: Repository, order: Order): Promise<string | undefined> {
  if (hasSetup(deps)) return runInCleanTree(deps, repository, order);
  const problem = await runChecks(deps, order, order.tree);
  // Without checks, nothing has run since the comparison before.
  if (problem !== undefined || deps.settings().checks.length === 0) return problem;
  const compare = () => withOwnView(repository, (view) => compareTree(view, order.tree, order.commit));
  const after = await deps.heavySteps.run(order.subtask.id, compare, order.signal);
  // New files may come from the checks.
  const altered = differences({ ...after, uncommitted: [] });
  return altered === undefined
    ? undefined
    : storedReason('not everything is committed: {files}, since the checks ran', { files: altered });
}

function hasSetup({ settings }: TaskDeps): boolean {
  return (settings().setup ?? []).length > 0;
}

function differences({ changed, uncommitted }: TreeComparison): string | undefined {
  return namedFiles([...changed, ...uncommitted]);
}

function namedFiles(files: readonly string[]): string | undefined {
  return files.length === 0 ? undefined : files.slice(0, NAMED_FILES).join(', ');
}

function unproven(problem: string): ProofResult {
  return { kind: 'unproven', problem };
}

/**
 * The commit of the base branch on this machine, if it contains a commit or all its changes; undefined if the work is
 * not merged yet.
 */
async function landedCommit(view: OwnView, project: Project, commit: Sha): Promise<Sha | undefined> {
  const base = await branchCommit(view.repository, project.defaultBranch);
  if (base === undefined) return undefined;
  if (await view.isAncestor(commit, base)) return base;
  const [merged, tree] = await Promise.all([view.mergedTree(base, commit), view.treeOf(base)]);
  return merged.conflicts.length === 0 && merged.tree === tree ? base : undefined;
}
