/** `ic project` and `ic task`: the village's work, as a person or a planner agent sees it (`spec/village.md` §7). */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { Git } from '../../host/git/git';
import { Repository } from '../../host/git/repository';
import { KernelError } from '../../kernel/errors';
import { TASK_STATUSES } from '../../kernel/village/machine';
import type { Project, Task } from '../../kernel/village/model';
import { addProject, createTask, getProject, getTask, listProjects, listTasks } from '../../kernel/village/service';
import { listSubtasks } from '../../kernel/village/subtasks';
import type { Reader } from '../../kernel/unit';
import { UsageError } from '../argv';
import { EXIT, type CliCommand, type CliContext } from '../command';
import { present, type JsonValue } from '../output';
import { BODY_FLAG, fileText, TITLE_FLAGS, titleOf } from '../texts';
import { textOf } from '../values';

const projectAdd: CliCommand = {
  words: ['project', 'add'],
  summary: 'Make the repository of a folder a project that tasks can be planned for.',
  operands: '[<folder>]',
  strict: true,
  json: true,
  flags: [
    { name: 'name', value: 'NAME', doc: 'Name of the project (the name of its folder)' },
    { name: 'base', value: 'BRANCH', doc: "Branch that work lands on (the remote's default, else the current one)" },
  ],
  exits: { 2: 'no repository there, or it is a project already' },
  async run(context) {
    const folder = path.resolve(context.cwd, context.args.positionals[0] ?? '.');
    const git = new Git();
    const top = await Repository.topOf(git, folder);
    if (top === undefined) throw new KernelError('NOT_FOUND', { what: 'git repository', id: folder });
    const clonePath = await realpath(top);
    const defaultBranch = textOf(context.args, 'base') ?? (await new Repository(git, clonePath).defaultBranch());
    const name = textOf(context.args, 'name') ?? path.basename(clonePath);
    const session = await context.session();
    const project = await session.write((unit) => addProject(unit, { name, clonePath, defaultBranch }));
    if (context.flags.json) context.out.map(projectMap(project));
    else context.out.line(project.id);
    return EXIT.ok;
  },
};

const projectList: CliCommand = {
  words: ['project', 'list'],
  summary: 'Projects of this record, oldest first.',
  strict: true,
  json: true,
  async run(context) {
    const session = await context.session();
    const projects = session.read((reader) => listProjects(reader));
    if (context.flags.json) context.out.map(projects.map(projectMap));
    else for (const one of projects) context.out.row(one.id, one.name, one.defaultBranch, one.clonePath);
    return EXIT.ok;
  },
};

function projectMap(project: Project): JsonValue {
  return {
    id: project.id,
    name: project.name,
    clone_path: project.clonePath,
    default_branch: project.defaultBranch,
    ...present({
      repository: project.remote === null ? null : `${project.remote.owner}/${project.remote.repo}`,
      upstream: project.remote?.upstream ? `${project.remote.upstream.owner}/${project.remote.upstream.repo}` : null,
    }),
  };
}

const taskCreate: CliCommand = {
  words: ['task', 'create'],
  summary: 'Write down a task. It waits for a planner.',
  strict: true,
  json: true,
  flags: [
    ...TITLE_FLAGS,
    { ...BODY_FLAG, doc: 'File with the description (required); - for standard input' },
    { name: 'project', value: 'ID', doc: 'Its project (the only one)' },
    { name: 'auto-start', doc: 'Workers start by themselves when what they wait for is merged' },
  ],
  exits: { 1: 'no such project' },
  async run(context) {
    const title = await titleOf(context);
    const description = await fileText(context, 'body-file');
    if (title === undefined || description === undefined) throw new UsageError('--title and --body-file are required');
    const asked = textOf(context.args, 'project');
    const autoStart = context.args.switches.has('auto-start');
    const session = await context.session();
    const task = await session.write((unit) =>
      createTask(unit, { projectId: projectFor(unit, asked).id, title, description, autoStart }),
    );
    if (context.flags.json) context.out.map(taskMap(task));
    else context.out.line(task.id);
    return EXIT.ok;
  },
};

/** The named project, or the only one there is. */
function projectFor(reader: Reader, asked: string | undefined): Project {
  if (asked !== undefined) return getProject(reader, asked);
  const [only, ...others] = listProjects(reader);
  if (only === undefined) throw new UsageError('there is no project yet', 'make this repository one: ic project add');
  if (others.length > 0)
    throw new UsageError('there are several projects', 'say which: --project=ID (ic project list)');
  return only;
}

const taskList: CliCommand = {
  words: ['task', 'list'],
  summary: 'Tasks, newest first.',
  strict: true,
  json: true,
  flags: [{ name: 'status', value: TASK_STATUSES.join('|'), doc: 'Only tasks of this status' }],
  async run(context) {
    const wanted = textOf(context.args, 'status');
    const status = TASK_STATUSES.find((known) => known === wanted);
    if (wanted !== undefined && status === undefined) throw new UsageError(`invalid status: ${wanted}`);
    const session = await context.session();
    const tasks = session
      .read((reader) => listTasks(reader))
      .filter((task) => status === undefined || task.status === status);
    if (context.flags.json) context.out.map(tasks.map(taskMap));
    else for (const task of tasks) context.out.row(task.id, task.status, task.title);
    return EXIT.ok;
  },
};

const taskShow: CliCommand = {
  words: ['task', 'show'],
  summary: 'A task with its description and its subtasks.',
  operands: '[<task>]',
  strict: true,
  json: true,
  exits: { 1: 'no such task' },
  async run(context) {
    const id = taskId(context);
    const session = await context.session();
    const { task, subtasks } = session.read((reader) => {
      const found = getTask(reader, id);
      return { task: found, subtasks: listSubtasks(reader, found.id) };
    });
    if (context.flags.json) {
      const list = subtasks.map(({ id: subtask, number, title, status }) => ({ id: subtask, number, title, status }));
      context.out.map({ ...taskMap(task), description: task.description, subtasks: list });
      return EXIT.ok;
    }
    context.out.line(`${task.title}\n\nStatus: ${task.status}\nRun:    ${task.runId}\n\n${task.description}`);
    if (subtasks.length > 0) context.out.line('');
    for (const one of subtasks) context.out.row(one.number, one.id, one.blockedReason ?? one.status, one.title);
    return EXIT.ok;
  },
};

/** The task that is named, or the one that this agent works for. */
export function taskId(context: CliContext): string {
  const id = context.args.positionals[0] ?? context.env['INTERCORE_TASK_ID'];
  if (id === undefined || id === '') throw new UsageError(`usage: ${context.usage}`);
  return id;
}

function taskMap(task: Task): { readonly [key: string]: JsonValue } {
  return {
    id: task.id,
    project_id: task.projectId,
    run_id: task.runId,
    title: task.title,
    status: task.status,
    auto_start: task.autoStart,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
    ...present({ planning_error: task.planningError, planned_at: task.plannedAt }),
  };
}

export const PROJECT_COMMANDS: readonly CliCommand[] = [projectAdd, projectList];
export const TASK_COMMANDS: readonly CliCommand[] = [taskCreate, taskList, taskShow];
