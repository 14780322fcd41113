/** `ic project` and `ic subtask`, as far as they speak to GitHub (`docs/design/github.md#adding-a-project`). */
import { silentLog } from '../../../host/log';
import type { Reader } from '../../../kernel/unit';
import type { Project } from '../../../kernel/tasks/record/model';
import { resumePublishing, type MergeOutcome } from '../../../kernel/tasks/subtask/progress';
import { getProject, getTask } from '../../../kernel/tasks/service';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import type { MergeDeps } from '../../../services/tasks/landing/merge';
import { settingsOf } from '../../host/git';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command';
import { present } from '../../output/output';
import { positional } from '../../grammar/values';

const ACCOUNT = 'The account is that of GH_TOKEN or GITHUB_TOKEN, else of gh; the server that of GITHUB_SERVER_URL.';

const addFromGitHub: CliCommand = {
  words: ['project', 'add-from-github'],
  byFolder: true,
  timeout: 'How long to wait for the record of the clone if it is busy (5s; 1m for an agent)',
  summary: `Clone a repository of GitHub, or a fork of it, and make it a project. Prints where. ${ACCOUNT}`,
  operands: '<url>',
  strict: true,
  json: true,
  exits: { 2: 'GitHub or git refused, or there is such a clone', 3: 'no address of a repository' },
  examples: ['ic project add-from-github octo/parcels'],
  async run(context) {
    const url = positional(context.args, 0, context.usage);
    const [{ addGitHubProject, recordInClone }, { gitHubOf, cloneStorage }, { systemPorts }, session] =
      await Promise.all([
        import('../../../services/tasks/project/githubProjects.js'),
        import('../../host/gitHub.js'),
        import('../../../host/clock.js'),
        import('../../session.js'),
      ]);
    const project = await addGitHubProject(
      {
        ...gitHubOf(context.env, [], settingsOf(context.env)),
        storageDir: cloneStorage(context.env),
        projects: () => [],
        record: (input) => recordInClone(session.kernelDepsOf(context), input),
        ports: systemPorts,
        log: silentLog,
      },
      url,
      { signal: context.stopped },
    );
    if (context.flags.json) context.out.map({ id: project.id, name: project.name, clone_path: project.clonePath });
    else context.out.line(project.clonePath);
    return EXIT.ok;
  },
};

const sync: CliCommand = {
  words: ['project', 'sync'],
  summary: `Fetch what the remote of a project has, and record what was merged on GitHub. ${ACCOUNT}`,
  operands: '<project>',
  strict: true,
  json: true,
  exits: { 1: 'no such project', 2: 'GitHub or git refused' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const { syncProject } = await import('../../../services/tasks/landing/sync.js');
    const deps = await mergeDepsOf(context);
    const { baseSha, merged, otherDefault } = await syncProject(deps, id);
    const ids = merged.map((subtask) => subtask.id);
    if (otherDefault !== null) {
      const { defaultBranch } = deps.kernel.read((r) => getProject(r, id));
      const moved = `the default branch of the remote is ${otherDefault} now, and work lands on ${defaultBranch}`;
      context.out.message(`${context.name}: ${moved}; to change that, run ic project base ${id} ${otherDefault}`);
    }
    if (context.flags.json)
      context.out.map({ base: baseSha, merged: ids, ...present({ other_default: otherDefault }) });
    else for (const one of [baseSha, ...ids]) context.out.line(one);
    return EXIT.ok;
  },
};

const free: CliCommand = {
  words: ['project', 'free'],
  summary:
    'Take the files of a clone of GitHub from the disk, all but its record. Whatever needs it next clones it again.',
  operands: '<project>',
  flags: [{ name: 'discard', doc: 'Also what is nowhere else' }],
  strict: true,
  json: true,
  exits: { 1: 'no such project', 2: 'agents work in it, or it has what is nowhere else' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const { freeClone } = await import('../../../services/tasks/project/cloneUpkeep.js');
    const discard = context.args.switches.has('discard');
    const { clonePath } = await freeClone(await mergeDepsOf(context), id, { discard });
    if (context.flags.json) context.out.map({ id, clone_path: clonePath });
    else context.out.line(clonePath);
    return EXIT.ok;
  },
};

const landing: CliCommand = {
  words: ['subtask', 'landing'],
  summary: 'What has become of the work on a subtask: none, open, closed or merged, with its pull request.',
  operands: '<subtask>',
  strict: true,
  json: true,
  exits: { 1: 'no such subtask', 2: 'GitHub or git refused' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const { subtaskLanding } = await import('../../../services/tasks/landing/merge.js');
    const found = await subtaskLanding(await mergeDepsOf(context), id);
    const url = 'url' in found ? found.url : null;
    const sha = found.kind === 'merged' ? found.sha : null;
    if (context.flags.json) context.out.map({ kind: found.kind, ...present({ url, sha }) });
    else context.out.row(found.kind, ...(url === null ? [] : [url]));
    return EXIT.ok;
  },
};

const markMerged: CliCommand = {
  words: ['subtask', 'mark-merged'],
  summary: 'Record that the work on a subtask was merged elsewhere, once GitHub or git agrees.',
  operands: '<subtask>',
  flags: [{ name: 'force', doc: 'Without asking' }],
  strict: true,
  json: true,
  exits: { 1: 'no such subtask', 2: 'it is not merged, or not completed' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const { markMerged: mark } = await import('../../../services/tasks/landing/merge.js');
    const verify = !context.args.switches.has('force');
    return printMerge(context, id, await mark(await mergeDepsOf(context), id, { verify }));
  },
};

const merge: CliCommand = {
  words: ['subtask', 'merge'],
  summary: 'Merge a completed subtask where it belongs: into the base branch on this machine, or its pull request.',
  operands: '<subtask>',
  strict: true,
  json: true,
  exits: { 1: 'no such subtask', 2: 'it is not completed, or does not merge' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const { mergeWhereItBelongs } = await import('../../../services/tasks/landing/merge.js');
    const deps = await mergeDepsOf(context);
    const base = (): string => deps.kernel.read((r) => projectOf(r, id).defaultBranch);
    const before = base();
    const hooks = await skippedHooks(deps, id);
    const outcome = await mergeWhereItBelongs(deps, id);
    if (hooks.length > 0) {
      context.out.message(`${context.name}: these hooks of the repository did not run: ${hooks.join(', ')}`);
    }
    if (base() !== before) context.out.message(`${context.name}: the base branch ${before} is now ${base()}`);
    return printMerge(context, id, outcome);
  },
};

const retryPullRequest: CliCommand = {
  words: ['subtask', 'retry-pull-request'],
  summary: 'Bring proven work out again: a window that has its folder open pushes it and opens its pull request.',
  operands: '<subtask>',
  strict: true,
  exits: { 1: 'no such subtask', 2: 'it is not held' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    await session.write((unit) => void resumePublishing(unit, id));
    context.out.line('IN_PROGRESS');
    return EXIT.ok;
  },
};

/** What `git merge` would have run. @throws KernelError as `repositoryOf` */
async function skippedHooks(deps: MergeDeps, id: string): Promise<readonly string[]> {
  const project = deps.kernel.read((r) => projectOf(r, id));
  if (project.remote !== null) return [];
  const { mergeHooks } = await import('../../../host/git/merge/mergeHooks.js');
  const { repositoryOf } = await import('../../../services/tasks/taskFolders.js');
  return mergeHooks(await repositoryOf(deps, project));
}

function projectOf(reader: Reader, subtaskId: string): Project {
  const { taskId } = getSubtask(reader, subtaskId);
  return getProject(reader, getTask(reader, taskId).projectId);
}

async function mergeDepsOf(context: CliContext): Promise<MergeDeps> {
  const session = await context.session();
  const { gitHubOf } = await import('../../host/gitHub.js');
  const { github, git, transport } = gitHubOf(context.env, [session.kernel.folder], settingsOf(context.env));
  return { kernel: session.kernel, git, transport, github: () => github, log: silentLog };
}

function printMerge(context: CliContext, id: string, outcome: MergeOutcome): ExitCode {
  const unblocked = outcome.unblocked.map((subtask) => subtask.id);
  if (context.flags.json) {
    context.out.map({ id, unblocked, task_done: outcome.taskDone });
    return EXIT.ok;
  }
  context.out.line('merged');
  for (const one of unblocked) context.out.row('unblocked', one);
  if (outcome.taskDone) context.out.line('task done');
  return EXIT.ok;
}

export const GITHUB_PROJECT_COMMANDS: readonly CliCommand[] = [addFromGitHub, sync, free];
export const GITHUB_SUBTASK_COMMANDS: readonly CliCommand[] = [merge, landing, markMerged, retryPullRequest];
