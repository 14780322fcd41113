/** `ic task`: tasks, as a person or a planner agent sees them (`docs/design/tasks.md`). */
import { TASK_OPERATIONS } from '../../../contract/operations/tasks';
import type { AgentRequest } from '../../../contract/results/tasks';
import { knownStorages } from '../../../host/state/storages';
import type { Task } from '../../../kernel/tasks/record/model';
import { listProjects } from '../../../kernel/tasks/service';
import type { taskOperations } from '../../../services/operations/task/tasks';
import type { taskUpkeepOperations } from '../../../services/operations/task/taskUpkeep';
import { DEFAULT_BD } from '../../../services/tasks/deps';
import { EXIT, type CliCommand, type CliContext } from '../../command/command';
import { UsageError } from '../../grammar/argv';
import { BODY_FLAG, fileText, TITLE_FLAGS, titleOf } from '../../command/texts';
import { textOf } from '../../grammar/values';
import type { HostParts } from '../../operations/host';
import { operationCommands } from '../../operations/operationCommand';
import { allowance, fieldJson, fieldWords, formAnswer } from '../../output/answerCommand';
import { LEFT_OUT } from '../../output/leftOut';
import { oneLine } from '../../output/oneLine';
import { present, type JsonValue } from '../../output/output';
import { deletedMap, printDeleted, reportLeft } from './outcomes';

const command = operationCommands<keyof typeof taskOperations & keyof typeof TASK_OPERATIONS>({
  declarations: TASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/tasks.js')).taskOperations,
});

const upkeep = operationCommands<keyof typeof taskUpkeepOperations>({
  declarations: TASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/taskUpkeep.js')).taskUpkeepOperations,
});

/** The agents of a task, for its permission policy. */
function withAgents({ env, name, out }: CliContext): Pick<HostParts, 'agents'> {
  return {
    agents: async (kernel) => {
      const { taskAgentsHere } = await import('../../dispatching/agentPermissions.js');
      return await taskAgentsHere(env, kernel, (problem) => {
        out.message(`${name}: agents of the task are not checked: ${problem}`);
      });
    },
  };
}

/** Says on stderr which agents a policy does not hold back. */
async function noteUnasked(task: Task, context: CliContext): Promise<undefined> {
  if (task.permissions === null) return;
  const { unaskedIn } = await import('../../../services/operations/task/taskAgents.js');
  const { kernel } = await context.session();
  const taskServices = { agents: withAgents(context).agents ?? (() => Promise.resolve(undefined)) };
  const kinds = await unaskedIn({ kernel, taskServices }, task);
  if (kinds.length > 0) context.out.note(unaskedWords(kinds));
}

function unaskedWords(kinds: readonly string[]): string {
  return `Agents of the kind ${kinds.join(', ')} ask for nothing, so the policy does not hold them back.`;
}

const create = command('tasks.create', {
  summary: 'Write down a task. It waits for a planner.',
  form: {
    flags: [...TITLE_FLAGS, { ...BODY_FLAG, doc: 'File with the description; - for standard input', isRequired: true }],
    async read(context) {
      const title = await titleOf(context);
      const description = await fileText(context, 'body-file');
      if (title === undefined || description === undefined)
        throw new UsageError('--title and --body-file are required');
      return { title, description, projectId: textOf(context.args, 'project') ?? (await onlyProject(context)) };
    },
  },
  help: {
    projectId: { value: 'ID', doc: 'Its project (the only one)' },
    tokenBudget: { doc: 'Token budget of its run' },
    permissions: { doc: 'Permission policy of its agents in sessions, which only narrows that of the machine' },
    autoStart: { doc: 'Workers start automatically when what they wait for is merged' },
  },
  parts: withAgents,
  exits: { 1: 'no such project', 2: 'a file cannot be read' },
  text: ({ id }, { out }) => out.line(id),
  json: taskMap,
  after: noteUnasked,
});

/** @throws UsageError */
async function onlyProject(context: CliContext): Promise<string> {
  const session = await context.session();
  const [only, ...others] = session.read(listProjects);
  if (only === undefined) throw new UsageError('there is no project yet', 'make this repository one: ic project add');
  if (others.length === 0) return only.id;
  throw new UsageError('there are several projects', 'say which: --project=ID (ic project list)');
}

const list = command('tasks.list', {
  summary: 'Tasks, newest first.',
  help: { status: { doc: 'Only tasks of this status' } },
  exits: LEFT_OUT,
  text(tasks, { out }) {
    for (const task of tasks) out.row(task.id, task.status, task.title);
  },
  json: (tasks) => tasks.map(taskMap),
});

const show = command('tasks.get', {
  summary: 'A task with its description, its subtasks, and open requests of its agents, each with its answer.',
  isOwn: true,
  parts: async (context) => ({ storages: await knownStorages(context.env), ...withAgents(context) }),
  exits: { 1: 'no such task', ...LEFT_OUT },
  text({ task, subtasks, requests, unasked }, { out }) {
    const policy = task.permissions === null ? '' : `\nPolicy: ${task.permissions}`;
    const note = unasked.length === 0 ? '' : `\n        ${unaskedWords(unasked)}`;
    out.line(`${task.title}\n\nStatus: ${task.status}\nRun:    ${task.runId}${policy}${note}\n\n${task.description}`);
    if (subtasks.length > 0) out.line('');
    for (const one of subtasks) out.row(one.number, one.id, one.blockedReason ?? one.status, one.title);
    if (requests.length > 0) out.line('');
    for (const request of requests) {
      out.row('request', oneLine(request.text), ...request.fields.map(fieldWords), answerOf(request));
    }
  },
  json: ({ task, subtasks, requests, unasked }) => ({
    ...taskMap(task),
    ...(unasked.length === 0 ? {} : { unasked_kinds: [...unasked] }),
    description: task.description,
    subtasks: subtasks.map(({ id, number, title, status }) => ({ id, number, title, status })),
    requests: requests.map((request) => ({
      dispatch_id: request.dispatchId,
      number: request.number,
      kind: request.kind,
      text: request.text,
      ...(request.kind === 'question' ? { fields: request.fields.map(fieldJson) } : {}),
      answer: answerOf(request),
    })),
  }),
});

const retry = command('tasks.retryPlanning', {
  summary: 'Plan a task again whose planning failed, was stopped, or is held.',
  exits: { 1: 'no such task', 2: 'its planning did not fail' },
  text: 'planning',
});

const revise = command('tasks.revisePlan', {
  summary: 'Give the plan of a task back to its planner, with what must change.',
  exits: { 1: 'no such task', 2: 'it has no plan, or a subtask has started' },
  form: {
    flags: [{ name: 'text', value: 'TEXT', doc: 'What must change in the plan', isRequired: true }],
    read({ args }) {
      const text = textOf(args, 'text');
      if (text === undefined) throw new UsageError('--text is required');
      return Promise.resolve({ text });
    },
  },
  examples: ['ic task revise TASK --text="Split the parser from the printer."'],
  text({ continuesSession }, { out }) {
    out.line('planning');
    if (!continuesSession) out.note('The planner starts again with the old plan: it has no session to continue.');
  },
});

const stop = command('tasks.stopPlanning', {
  summary: 'Stop planning a task, and end its agent.',
  exits: { 1: 'no such task', 2: 'it is not being planned' },
  text: 'stopped',
});

const permissions = command('tasks.setPermissions', {
  summary: 'Set the permission policy of the next agents of a task. It only narrows that of the machine.',
  help: { permissions: { doc: 'The policy (none: that of the machine)' } },
  parts: withAgents,
  exits: { 1: 'no such task' },
  text: ({ permissions: policy }, { out }) => out.line(policy ?? 'as on the machine'),
  after: noteUnasked,
});

const sync = upkeep('tasks.sync', {
  actsOnRows: true,
  summary: 'Bring a task, or all, and their issues in Beads to agree.',
  form: {
    flags: [{ name: 'bd', value: 'PROGRAM', doc: 'Beads (bd, as found on PATH)' }],
  },
  parts: ({ args }) => ({ settings: { 'intercore.tasks.beadsPath': textOf(args, 'bd') ?? DEFAULT_BD } }),
  exits: { 1: 'no such task, or it is not in Beads', 2: 'Beads failed' },
  text(synced, { name, out }) {
    for (const one of synced) {
      const counts = [`${one.added.length} added`, `${one.changed.length} changed`, `${one.removed.length} removed`];
      out.row(one.taskId, ...counts);
      for (const id of one.closedOutside) out.row('closed in Beads', id);
      for (const id of one.missing) out.row('gone from Beads', id);
      for (const problem of one.refused) out.message(`${name}: ${problem}`);
    }
  },
  json: (synced) =>
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
});

const remove = upkeep('tasks.delete', {
  summary: 'Delete a task. Its agents end, its worktrees go after a snapshot, branches with unmerged work stay.',
  exits: { 1: 'no such task' },
  text(deletion, context) {
    printDeleted([deletion], context);
    context.out.line('deleted');
  },
  json: (deletion) => deletedMap(deletion.taskId, [deletion]),
  after(deletion, context) {
    reportLeft([deletion], context);
    return EXIT.ok;
  },
});

function answerOf({ dispatchId, number, kind, fields }: AgentRequest): string {
  return kind === 'question' ? formAnswer(dispatchId, number, fields) : allowance(dispatchId, number);
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
    ...present({ planning_error: task.planningError, planned_at: task.plannedAt, permissions: task.permissions }),
    ...present({ planner_kind: task.plannerKind }),
  };
}

export const TASK_COMMANDS: readonly CliCommand[] = [
  create,
  list,
  show,
  retry,
  revise,
  stop,
  permissions,
  sync,
  remove,
];
