/** `ic project` and `ic task`: tasks, as a person or a planner agent sees it (`docs/design/tasks.md`). */
import { TASK_OPERATIONS } from '../../../contract/operations/tasks';
import { systemPorts } from '../../../host/clock';
import { FolderLedger } from '../../../host/files/folderLedger';
import { ledgerFolder } from '../../../host/state/stateFolder';
import { ID_LENGTH, taskId as taskIdSchema } from '../../../kernel/ids';
import { OwnWork } from '../../../services/dispatch/context/ownWork';
import path from 'node:path';
import { gitIn } from '../../host/git';
import { silentLog } from '../../../host/log';
import type { TrustedLocation } from '../../../contract/results/tasks';
import { TASK_STATUSES } from '../../../kernel/tasks/record/machine';
import type { Project, Task } from '../../../kernel/tasks/record/model';
import { createTask, getProject, getTask, listProjects, listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import type { Reader } from '../../../kernel/unit';
import { DEFAULT_BD } from '../../../services/tasks/deps';
import { addLocalProject } from '../../../services/tasks/project/projects';
import type { taskOperations } from '../../../services/operations/task/tasks';
import { UsageError } from '../../grammar/argv';
import { operationCommands } from '../../operations/operationCommand';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command';
import { endAgents } from '../../dispatching/endAgents';
import { LEFT_OUT } from '../../output/leftOut';
import { present, type JsonValue } from '../../output/output';
import { BODY_FLAG, fileText, TITLE_FLAGS, titleOf } from '../../grammar/texts';
import { integerOf, positional, textOf } from '../../grammar/values';

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
  exits: { 1: 'no repository there', 2: 'it is a project already' },
  async run(context) {
    const session = await context.session();
    const project = await addLocalProject(session, gitIn(context.env, session.kernel.folder), {
      folder: path.resolve(context.cwd, context.args.positionals[0] ?? '.'),
      isNamed: context.env['INTERCORE_DISPATCH_ID'] === undefined,
      name: textOf(context.args, 'name'),
      defaultBranch: textOf(context.args, 'base'),
    });
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
  exits: LEFT_OUT,
  async run(context) {
    const session = await context.session();
    const projects = session.read(listProjects);
    const { ELSEWHERE, isCloneElsewhere, withElsewhere } = await import('../../../services/tasks/project/locations.js');
    const git = gitIn(context.env, session.kernel.folder);
    const rows = await withElsewhere(projects, (project) => isCloneElsewhere({ git }, project));
    if (context.flags.json) {
      context.out.map(rows.map((one) => ({ ...projectMap(one), ...(one.isElsewhere ? { elsewhere: true } : {}) })));
    } else {
      for (const { id, name, defaultBranch, clonePath, isElsewhere } of rows) {
        context.out.row(id, name, defaultBranch, clonePath, ...(isElsewhere ? [ELSEWHERE] : []));
      }
    }
    return EXIT.ok;
  },
};

const projectTrust: CliCommand = {
  words: ['project', 'trust'],
  summary: 'Let git run in a clone that is recorded elsewhere. Prints its real path.',
  operands: '<project>',
  strict: true,
  json: true,
  exits: { 1: 'no such project', 2: 'no repository of yours is there' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const { projectLocation, trustLocation } = await import('../../../services/tasks/project/locations.js');
    const deps = { kernel: session.kernel, git: gitIn(context.env, session.kernel.folder) };
    return printTrusted(context, await trustLocation(deps, await projectLocation(deps, id)));
  },
};

/** The real path, with what it was before. */
export function printTrusted(context: CliContext, { path: real, isNew }: TrustedLocation): ExitCode {
  if (context.flags.json) context.out.map({ path: real, new: isNew });
  else context.out.line(real);
  return EXIT.ok;
}

function projectMap(project: Project): { readonly [key: string]: JsonValue } {
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
    { name: 'token-budget', value: 'N', doc: 'Token budget of its run' },
    { name: 'auto-start', doc: 'Workers start automatically when what they wait for is merged' },
  ],
  exits: { 1: 'no such project', 2: 'a file cannot be read' },
  async run(context) {
    const title = await titleOf(context);
    const description = await fileText(context, 'body-file');
    if (title === undefined || description === undefined) throw new UsageError('--title and --body-file are required');
    const asked = textOf(context.args, 'project');
    const autoStart = context.args.switches.has('auto-start');
    const tokenBudget = integerOf(context.args, 'token-budget', { min: 1, wanted: 'positive integer' });
    const budget = tokenBudget === undefined ? {} : { tokenBudget };
    const session = await context.session();
    const id = taskIdSchema.parse(systemPorts.ids.newId(ID_LENGTH));
    new OwnWork(new FolderLedger(ledgerFolder(context.env), 'work')).noteTasks(session.kernel.folder, [id]);
    const task = await session.write((unit) =>
      createTask(unit, { projectId: projectFor(unit, asked).id, title, description, autoStart, ...budget }, id),
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
  exits: LEFT_OUT,
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
  exits: { 1: 'no such task', ...LEFT_OUT },
  async run(context) {
    const id = taskId(context);
    const session = await context.session();
    const { task, subtasks } = session.read((reader) => {
      const found = getTask(reader, id);
      return { task: found, subtasks: readableSubtasks(reader, found.id).sound };
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

const command = operationCommands<keyof typeof taskOperations & keyof typeof TASK_OPERATIONS>({
  declarations: TASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/tasks.js')).taskOperations,
});

const taskRetry = command('tasks.retryPlanning', {
  summary: 'Plan a task again whose planning failed, was stopped, or is held.',
  exits: { 1: 'no such task', 2: 'its planning did not fail' },
  text: 'planning',
});

const taskStop = command('tasks.stopPlanning', {
  summary: 'Stop planning a task. The program that leads the folder ends its agent.',
  exits: { 1: 'no such task', 2: 'it is not being planned' },
  text: 'stopped',
});

const taskSync: CliCommand = {
  words: ['task', 'sync'],
  summary: 'Bring a task, or all, and their issues in Beads to agree.',
  operands: '[<task>]',
  strict: true,
  json: true,
  flags: [{ name: 'bd', value: 'PROGRAM', doc: 'Beads (bd, as found on PATH)' }],
  exits: { 1: 'no such task, or it is not in Beads', 2: 'Beads failed' },
  async run(context) {
    const asked = context.args.positionals[0];
    const session = await context.session();
    const { syncNow } = await import('../../../services/tasks/tracker/sync.js');
    const beadsPath = textOf(context.args, 'bd') ?? DEFAULT_BD;
    const deps = {
      kernel: session.kernel,
      git: gitIn(context.env, session.kernel.folder),
      log: silentLog,
      trusted: () => true,
    };
    const synced = await syncNow({ ...deps, beadsPath }, asked);
    if (context.flags.json) {
      context.out.map(
        synced.map((one) => ({
          id: one.taskId,
          added: one.added,
          changed: one.changed,
          removed: one.removed,
          claimed: one.claimed,
          closed_outside: one.closedOutside,
          missing: one.missing,
          refused: one.refused,
        })),
      );
      return EXIT.ok;
    }
    for (const one of synced) {
      const counts = [`${one.added.length} added`, `${one.changed.length} changed`, `${one.removed.length} removed`];
      context.out.row(one.taskId, ...counts);
      for (const id of one.closedOutside) context.out.row('closed in Beads', id);
      for (const id of one.missing) context.out.row('gone from Beads', id);
      for (const problem of one.refused) context.out.message(`${context.name}: ${problem}`);
    }
    return EXIT.ok;
  },
};

const taskDelete: CliCommand = {
  words: ['task', 'delete'],
  summary: 'Delete a task. Its agents end, its worktrees go after a snapshot, branches with unmerged work stay.',
  operands: '<task>',
  strict: true,
  json: true,
  exits: { 1: 'no such task' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const { deleteTaskWhole } = await import('../../../services/tasks/project/deletion.js');
    const { branches, snapshots, left } = await deleteTaskWhole(
      {
        kernel: session.kernel,
        git: gitIn(context.env, session.kernel.folder),
        log: silentLog,
        endDispatches: (ids) => endAgents(context, session, ids, 'task deleted'),
      },
      id,
    );
    for (const one of left) context.out.message(`${context.name}: ${one.path} is left: ${one.problem}`);
    if (context.flags.json) {
      context.out.map({ id, branches, snapshots, left: left.map((one) => one.path) });
    } else {
      for (const branch of branches) context.out.row('kept branch', branch);
      for (const ref of snapshots) context.out.row('kept snapshot', ref);
      context.out.line('deleted');
    }
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

export const PROJECT_COMMANDS: readonly CliCommand[] = [projectAdd, projectList, projectTrust];
export const TASK_COMMANDS: readonly CliCommand[] = [
  taskCreate,
  taskList,
  taskShow,
  taskRetry,
  taskStop,
  taskSync,
  taskDelete,
];
