/** `ic project`: the repositories that tasks are planned for (`docs/design/github.md#adding-a-project`). */
import { counted } from '../../../kernel/errors/reasons/fill';
import path from 'node:path';
import { PROJECT_OPERATIONS } from '../../../contract/operations/projects';
import type { ProjectContents } from '../../../contract/results/tasks';
import { KernelError } from '../../../kernel/errors/errors';
import type { Project } from '../../../kernel/tasks/record/model';
import { getProject } from '../../../kernel/tasks/service';
import type { gitHubOperations } from '../../../services/operations/task/gitHubProjects';
import type { taskOperations } from '../../../services/operations/task/tasks';
import { addLocalProject } from '../../../services/tasks/project/projects';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command/command';
import { positional, textOf } from '../../grammar/values';
import { gitIn } from '../../host/git';
import { ACCOUNT, gitHubParts, withGitHub } from '../../operations/gitHub';
import { operationCommands } from '../../operations/operationCommand';
import { LEFT_OUT } from '../../output/leftOut';
import { present, type JsonValue } from '../../output/output';
import { deletedMap, PRINT_TRUSTED, printDeleted, reportLeft } from './outcomes';

type Declared = keyof typeof PROJECT_OPERATIONS;

const command = operationCommands<keyof typeof taskOperations & Declared>({
  declarations: PROJECT_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/tasks.js')).taskOperations,
});

const gitHubCommand = operationCommands<keyof typeof gitHubOperations & Declared>({
  declarations: PROJECT_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/gitHubProjects.js')).gitHubOperations,
});

/** The operation makes a project of the folder that the record is in, and this one of any. */
const add: CliCommand = {
  words: ['project', 'add'],
  summary: 'Make the repository of a folder a project that tasks can be planned for.',
  operands: '[<folder>]',
  strict: true,
  json: true,
  flags: [
    { name: 'name', value: 'NAME', doc: 'Name of the project (the name of its folder)' },
    { name: 'base', value: 'BRANCH', doc: "Branch that work lands on (the remote's default, else the current one)" },
  ],
  exits: { 1: 'no repository there', 2: 'it is a project already' },
  async run(context) {
    const { args, cwd, env, flags, out } = context;
    const session = await context.session();
    const project = await addLocalProject(session, gitIn(env, session.kernel.folder), {
      folder: path.resolve(cwd, args.positionals[0] ?? '.'),
      isNamed: env['INTERCORE_DISPATCH_ID'] === undefined,
      name: textOf(args, 'name'),
      defaultBranch: textOf(args, 'base'),
    });
    if (flags.json) out.map(projectMap(project));
    else out.line(project.id);
    return EXIT.ok;
  },
};

const addFromGitHub = gitHubCommand('projects.addFromGitHub', {
  summary: `Clone a repository of GitHub, or a fork of it, and make it a project. Prints where. ${ACCOUNT}`,
  byFolder: true,
  timeout: 'How long to wait for the record of the clone if it is busy (5s; 1m for an agent)',
  exits: { 2: 'GitHub or git refused, or there is such a clone', 3: 'no address of a repository' },
  examples: ['ic project add-from-github octo/parcels'],
  parts: (context) => gitHubParts(context, []),
  text: ({ clonePath }, { out }) => out.line(clonePath),
  json: ({ id, name, clonePath }) => ({ id, name, clone_path: clonePath }),
});

const sync = gitHubCommand('projects.sync', {
  actsOnRows: true,
  summary: `Fetch what the remote of a project has, and record what was merged on GitHub. ${ACCOUNT}`,
  exits: { 1: 'no such project', 2: 'GitHub or git refused' },
  parts: withGitHub,
  text({ baseSha, merged }, { out }) {
    for (const one of [baseSha, ...merged.map(({ id }) => id)]) out.line(one);
  },
  json: ({ baseSha, merged, otherDefault }) => ({
    base: baseSha,
    merged: merged.map(({ id }) => id),
    ...present({ other_default: otherDefault }),
  }),
  async after({ otherDefault }, context) {
    if (otherDefault === null) return EXIT.ok;
    const [id = ''] = context.args.positionals;
    const session = await context.session();
    const { defaultBranch } = session.read((r) => getProject(r, id));
    const moved = `the default branch of the remote is ${otherDefault} now, and work lands on ${defaultBranch}`;
    context.out.message(`${context.name}: ${moved}; to change that, run ic project base ${id} ${otherDefault}`);
    return EXIT.ok;
  },
});

const free = gitHubCommand('projects.freeClone', {
  summary:
    'Take the files of a clone of GitHub from the disk, all but its record. It is cloned again when it is needed.',
  help: { discard: { doc: 'Also what is nowhere else' } },
  exits: { 1: 'no such project', 2: 'agents work in it, or it has what is nowhere else' },
  text: ({ clonePath }, { out }) => out.line(clonePath),
  json: ({ id, clonePath }) => ({ id, clone_path: clonePath }),
});

const list = command('projects.list', {
  summary: 'Projects of this record, oldest first.',
  exits: LEFT_OUT,
  async text(projects, { out }) {
    const { ELSEWHERE } = await import('../../../services/tasks/project/locations.js');
    for (const { id, name, defaultBranch, clonePath, isElsewhere } of projects) {
      out.row(id, name, defaultBranch, clonePath, ...(isElsewhere ? [ELSEWHERE] : []));
    }
  },
  json: (projects) => projects.map((one) => ({ ...projectMap(one), ...(one.isElsewhere ? { elsewhere: true } : {}) })),
});

function projectMap({ id, name, clonePath, defaultBranch, remote }: Project): { readonly [key: string]: JsonValue } {
  return {
    id,
    name,
    clone_path: clonePath,
    default_branch: defaultBranch,
    ...present({
      repository: remote === null ? null : `${remote.owner}/${remote.repo}`,
      upstream: remote?.upstream ? `${remote.upstream.owner}/${remote.upstream.repo}` : null,
    }),
  };
}

const trust = command('projects.trustLocation', {
  summary: 'Let git run in a clone that is recorded elsewhere. Prints its real path.',
  exits: { 1: 'no such project', 2: 'no repository of yours is there' },
  ...PRINT_TRUSTED,
});

const factsMap = ({ id, clonePath, defaultBranch }: Project): JsonValue => ({
  id,
  clone_path: clonePath,
  default_branch: defaultBranch,
});

const relocate = gitHubCommand('projects.relocate', {
  summary: 'Record where the repository of a project was moved to (the current directory). Prints its path.',
  form: {
    flags: [],
    read: ({ args, cwd }) => Promise.resolve({ to: path.resolve(cwd, args.positionals[1] ?? '.') }),
  },
  exits: {
    1: 'no such project or repository',
    2: 'agents work for it, the folder is not there, or it is another repository',
  },
  text: ({ clonePath }, { out }) => out.line(clonePath),
  json: factsMap,
});

const base = gitHubCommand('projects.changeBase', {
  summary: 'Change the branch that work of a project lands on. What is in work keeps the commit that it started at.',
  exits: { 1: 'no such project or branch', 2: 'agents work for it' },
  text: ({ defaultBranch }, { out }) => out.line(defaultBranch),
  json: factsMap,
});

const removal = gitHubCommand('projects.remove', {
  summary: 'Take a project out of the record. Its repository stays as it is.',
  help: {
    tasks: { doc: 'Its tasks, too: agents end, worktrees go after a snapshot, branches with unmerged work stay' },
  },
  form: { flags: [{ name: 'dry-run', doc: 'Only list what would be removed' }] },
  exits: { 1: 'no such project', 2: 'it has tasks' },
  text({ deleted }, context) {
    printDeleted(deleted, context);
    context.out.line('removed');
  },
  json: ({ id, deleted }) => deletedMap(id, deleted),
  after({ deleted }, context) {
    reportLeft(deleted, context);
    return EXIT.ok;
  },
});

const remove: CliCommand = {
  ...removal,
  async run(context) {
    const { args, usage } = context;
    const id = positional(args, 0, usage);
    const { contentsOf } = await import('../../../services/tasks/project/projectRemoval.js');
    const session = await context.session();
    const contents = session.read((r) => contentsOf(r, id));
    if (args.switches.has('dry-run')) return printContents(context, id, contents);
    const count = contents.tasks.length;
    if (count > 0 && !args.switches.has('with-tasks')) {
      const state = `in use by ${counted(count, 'tasks')} (see --dry-run and --with-tasks)`;
      throw new KernelError('TASK_STATE', { what: 'project', id, state, wanted: 'removed' });
    }
    return await removal.run(context);
  },
};

function printContents({ flags, out }: CliContext, id: string, contents: ProjectContents): ExitCode {
  const { tasks, subtasks, agents, worktrees, branches } = contents;
  if (flags.json) {
    out.map({
      id,
      tasks: tasks.map((task) => task.id),
      subtasks,
      agents,
      worktrees: [...worktrees],
      branches: [...branches],
    });
    return EXIT.ok;
  }
  for (const task of tasks) out.row('task', task.id, task.title);
  out.row('subtasks', subtasks);
  out.row('running agents', agents);
  for (const folder of worktrees) out.row('worktree', folder);
  for (const branch of branches) out.row('unmerged branch, stays', branch);
  return EXIT.ok;
}

export const PROJECT_COMMANDS: readonly CliCommand[] = [
  ...[add, list, trust],
  ...[addFromGitHub, sync, free],
  ...[relocate, base, remove],
];
