/** `ic project`, as far as a project's own facts change: where it is, its base branch, and its removal. */
import path from 'node:path';
import { silentLog } from '../../../host/log';
import type { ProjectContents } from '../../../contract/results/tasks';
import type { Project } from '../../../kernel/tasks/record/model';
import { getProject } from '../../../kernel/tasks/service';
import { KernelError } from '../../../kernel/errors/errors';
import type { DeletionDeps } from '../../../services/tasks/project/deletion';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command';
import { endAgents } from '../../dispatching/endAgents';
import { positional } from '../../grammar/values';

const relocateCommand: CliCommand = {
  words: ['project', 'relocate'],
  summary: 'Tell where the repository of a project was moved to (the current directory). Prints its path.',
  operands: '<project> [<folder>]',
  strict: true,
  json: true,
  exits: {
    1: 'no such project or repository',
    2: 'agents work for it, the folder is not there, or it is another repository',
  },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const folder = path.resolve(context.cwd, context.args.positionals[1] ?? '.');
    const { relocate } = await import('../../../services/tasks/project/projectMoves.js');
    return print(context, await relocate(await depsOf(context), id, folder), ({ clonePath }) => clonePath);
  },
};

const base: CliCommand = {
  words: ['project', 'base'],
  summary: 'Change the branch that work of a project lands on. What is in work keeps the commit that it started at.',
  operands: '<project> <branch>',
  strict: true,
  json: true,
  exits: { 1: 'no such project or branch', 2: 'agents work for it' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const branch = positional(context.args, 1, context.usage);
    const { changeBase } = await import('../../../services/tasks/project/projectMoves.js');
    return print(context, await changeBase(await depsOf(context), id, branch), ({ defaultBranch }) => defaultBranch);
  },
};

const remove: CliCommand = {
  words: ['project', 'remove'],
  summary: 'Take a project out of the record. Its repository stays as it is.',
  operands: '<project>',
  flags: [
    {
      name: 'with-tasks',
      doc: 'Its tasks, too: agents end, worktrees go after a snapshot, branches with unmerged work stay',
    },
    { name: 'dry-run', doc: 'Only list what would be removed' },
  ],
  strict: true,
  json: true,
  exits: { 1: 'no such project', 2: 'it has tasks' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const deps = await depsOf(context);
    const { contentsOf, removeProjectWhole } = await import('../../../services/tasks/project/projectRemoval.js');
    const { project, contents } = deps.kernel.read((r) => ({
      project: getProject(r, id),
      contents: contentsOf(r, id),
    }));
    if (context.args.switches.has('dry-run')) return printContents(context, project, contents);
    const count = contents.tasks.length;
    if (count > 0 && !context.args.switches.has('with-tasks')) {
      const state = `in use by ${count === 1 ? '1 task' : `${count} tasks`} (see --dry-run and --with-tasks)`;
      throw new KernelError('TASK_STATE', { what: 'project', id, state, wanted: 'removed' });
    }
    const { tasks } = await removeProjectWhole(deps, id);
    const left = tasks.flatMap((task) => task.left);
    for (const one of left) context.out.message(`${context.name}: ${one.path} is left: ${one.problem}`);
    const branches = tasks.flatMap((task) => task.branches);
    const snapshots = tasks.flatMap((task) => task.snapshots);
    if (context.flags.json) {
      context.out.map({ id, branches, snapshots, left: left.map((one) => one.path) });
      return EXIT.ok;
    }
    for (const branch of branches) context.out.row('kept branch', branch);
    for (const ref of snapshots) context.out.row('kept snapshot', ref);
    context.out.line('removed');
    return EXIT.ok;
  },
};

function printContents(context: CliContext, { id }: Project, contents: ProjectContents): ExitCode {
  const { tasks, subtasks, agents, worktrees, branches } = contents;
  if (context.flags.json) {
    context.out.map({
      ...{ id, tasks: tasks.map((task) => task.id), subtasks, agents },
      ...{ worktrees: [...worktrees], branches: [...branches] },
    });
    return EXIT.ok;
  }
  for (const task of tasks) context.out.row('task', task.id, task.title);
  context.out.row('subtasks', subtasks);
  context.out.row('running agents', agents);
  for (const folder of worktrees) context.out.row('worktree', folder);
  for (const branch of branches) context.out.row('unmerged branch, stays', branch);
  return EXIT.ok;
}

function print(context: CliContext, project: Project, fact: (project: Project) => string): ExitCode {
  const { id, clonePath, defaultBranch } = project;
  if (context.flags.json) context.out.map({ id, clone_path: clonePath, default_branch: defaultBranch });
  else context.out.line(fact(project));
  return EXIT.ok;
}

async function depsOf(context: CliContext): Promise<DeletionDeps> {
  const session = await context.session();
  const { gitIn } = await import('../../host/git.js');
  return {
    kernel: session.kernel,
    git: gitIn(context.env, session.kernel.folder),
    log: silentLog,
    endDispatches: (ids) => endAgents(context, session, ids, 'task deleted'),
  };
}

export const PROJECT_FACT_COMMANDS: readonly CliCommand[] = [relocateCommand, base, remove];
