/** `ic subtask`: what a planner agent writes a plan with, and a worker agent reports by (`docs/design/beads.md`). */
import type { Unit } from '../../../kernel/unit';
import { parseBody } from '../../../kernel/tasks/subtask/body';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { failSubtask, removeSubtask, startSubtask } from '../../../kernel/tasks/subtask/progress';
import { retrySetup, retryWork } from '../../../kernel/tasks/upkeep/stageFailures';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { STAGE_SPECS } from '../../../kernel/tasks/stage/stages';
import {
  addNote,
  addSubtask,
  addSubtaskDependency,
  closeSubtask,
  editSubtask,
  getSubtask,
  listNotes,
  neighboursOf,
  readableSubtasks,
  removeSubtaskDependency,
  reorderSubtask,
} from '../../../kernel/tasks/subtask/subtasks';
import { UsageError } from '../../grammar/argv';
import { EXIT, type CliCommand, type CliContext } from '../../command';
import { gitIn } from '../../host/git';
import { LEFT_OUT } from '../../output/leftOut';
import { present, type JsonValue } from '../../output/output';
import { BODY_FLAG, fileText, TITLE_FLAGS, titleOf } from '../../grammar/texts';
import { failureMap } from '../../stageFailureMap';
import { positional, textOf } from '../../grammar/values';
import { printTrusted, STOPPED_HERE, taskId } from './tasks';

const BODY_DOC = 'File with "## Spec", "## Implementation Plan", "## Acceptance Criteria"; - for standard input';

const create: CliCommand = {
  words: ['subtask', 'create'],
  summary: 'Add a subtask to a task. Prints its id.',
  operands: '[<task>]',
  strict: true,
  json: true,
  flags: [...TITLE_FLAGS, { ...BODY_FLAG, doc: BODY_DOC }],
  exits: { 1: 'no such task' },
  examples: ['ic subtask create --title-file=title.txt --body-file=plan.md'],
  async run(context) {
    const title = await titleOf(context);
    if (title === undefined) throw new UsageError('--title or --title-file is required');
    const body = await bodyOf(context);
    const task = taskId(context);
    const session = await context.session();
    const subtask = await session.write((unit) => addSubtask(unit, { taskId: task, title, ...body }));
    if (context.flags.json) context.out.map({ id: subtask.id, number: subtask.number });
    else context.out.line(subtask.id);
    return EXIT.ok;
  },
};

async function bodyOf(context: CliContext): Promise<Partial<Subtask>> {
  const text = await fileText(context, 'body-file');
  if (text === undefined) return {};
  const { spec, plan, acceptance } = parseBody(text);
  return { spec, implementationPlan: plan, acceptanceCriteria: acceptance };
}

const edit: CliCommand = {
  words: ['subtask', 'edit'],
  summary: 'Change the text of a subtask that nobody has begun.',
  operands: '[<subtask>]',
  strict: true,
  flags: [...TITLE_FLAGS, { ...BODY_FLAG, doc: BODY_DOC }],
  exits: { 1: 'no such subtask', 2: 'it has been begun' },
  async run(context) {
    const id = subtaskId(context);
    const title = await titleOf(context);
    const { spec, implementationPlan, acceptanceCriteria } = await bodyOf(context);
    const session = await context.session();
    await session.write((unit) =>
      editSubtask(unit, id, {
        ...(title === undefined ? {} : { title }),
        ...(spec === undefined ? {} : { spec }),
        ...(implementationPlan === undefined ? {} : { implementationPlan }),
        ...(acceptanceCriteria === undefined ? {} : { acceptanceCriteria }),
      }),
    );
    context.out.line('updated');
    return EXIT.ok;
  },
};

const list: CliCommand = {
  words: ['subtask', 'list'],
  summary: 'Subtasks of a task, in their order.',
  operands: '[<task>]',
  strict: true,
  json: true,
  exits: LEFT_OUT,
  async run(context) {
    const task = taskId(context);
    const session = await context.session();
    const subtasks = session.read((reader) =>
      readableSubtasks(reader, task).sound.map((subtask) => ({ subtask, ...neighboursOf(reader, subtask) })),
    );
    const locations = await import('../../../services/tasks/project/locations.js');
    const git = gitIn(context.env, session.kernel.folder);
    const known = await locations.withElsewhere(subtasks, ({ subtask }) =>
      locations.isWorktreeElsewhere({ git }, subtask),
    );
    const rows = await Promise.all(
      known.map(async (row) => ({
        ...row,
        unseen: await locations.worktreeUnseen({ kernel: session, git }, row.subtask),
      })),
    );
    if (context.flags.json) {
      context.out.map(
        rows.map(({ subtask, dependsOn, isElsewhere, unseen }) => ({
          ...subtaskMap(subtask),
          depends_on: dependsOn,
          ...(isElsewhere ? { elsewhere: true } : {}),
          ...(unseen === undefined ? {} : { unseen: true, unseen_because: unseen }),
        })),
      );
      return EXIT.ok;
    }
    for (const { subtask, dependsOn, isElsewhere, unseen } of rows) {
      const state = subtask.blockedReason === null ? subtask.status : `BLOCKED (${subtask.blockedReason})`;
      const waitsFor = dependsOn.join(' ');
      const place = unseen !== undefined ? [locations.unseenWord(unseen)] : isElsewhere ? [locations.ELSEWHERE] : [];
      context.out.row(subtask.number, subtask.id, state, subtask.title, waitsFor, ...place);
    }
    return EXIT.ok;
  },
};

const show: CliCommand = {
  words: ['subtask', 'show'],
  summary: 'A subtask with all that is known about it.',
  operands: '[<subtask>]',
  strict: true,
  json: true,
  exits: { 1: 'no such subtask' },
  async run(context) {
    const id = subtaskId(context);
    const session = await context.session();
    const { subtask, dependsOn, dependents, notes, failures } = session.read((reader) => {
      const found = getSubtask(reader, id);
      const failed = stageFailures(reader).filter(({ subtaskId: of }) => of === found.id);
      return { subtask: found, ...neighboursOf(reader, found), notes: listNotes(reader, found.id), failures: failed };
    });
    if (context.flags.json) {
      context.out.map({
        ...subtaskMap(subtask),
        ...(failures.length === 0 ? {} : { failures: failures.map(failureMap) }),
        spec: subtask.spec,
        implementation_plan: subtask.implementationPlan,
        acceptance_criteria: subtask.acceptanceCriteria,
        depends_on: dependsOn,
        dependents,
        notes: notes.map(({ author, text, createdAt }) => ({ author, text, created_at: createdAt })),
      });
      return EXIT.ok;
    }
    context.out.line(`${subtask.title}\n\nStatus: ${subtask.blockedReason ?? subtask.status}`);
    for (const failure of failures) context.out.line(failureLine(failure));
    for (const line of proofLines(subtask)) context.out.line(line);
    if (dependsOn.length > 0) context.out.line(`Waits for: ${dependsOn.join(', ')}`);
    const parts = [
      ['Spec', subtask.spec],
      ['Implementation Plan', subtask.implementationPlan],
      ['Acceptance Criteria', subtask.acceptanceCriteria],
      ...notes.map(({ author, text }) => [`Note of ${author}`, text] as const),
    ] as const;
    for (const [heading, text] of parts) if (text !== '') context.out.line(`\n## ${heading}\n\n${text}`);
    return EXIT.ok;
  },
};

const trust: CliCommand = {
  words: ['subtask', 'trust'],
  summary: 'Let git run in a worktree that is recorded elsewhere. Prints its real path.',
  operands: '<subtask>',
  strict: true,
  json: true,
  exits: { 1: 'no such subtask, or it has no worktree', 2: 'no worktree of its project is there' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const { subtaskLocation, trustLocation } = await import('../../../services/tasks/project/locations.js');
    const deps = { kernel: session.kernel, git: gitIn(context.env, session.kernel.folder) };
    return printTrusted(context, await trustLocation(deps, await subtaskLocation(deps, id)));
  },
};

const depend: CliCommand = {
  words: ['subtask', 'depend'],
  summary: 'Let a subtask wait until another is merged.',
  operands: '<subtask>',
  strict: true,
  flags: [
    { name: 'on', value: 'SUBTASK', doc: 'The one that goes first (required)' },
    { name: 'remove', doc: 'Take the dependency away instead' },
  ],
  exits: { 1: 'no such subtask', 3: 'a circle' },
  async run(context) {
    const id = subtaskId(context);
    const on = textOf(context.args, 'on');
    if (on === undefined) throw new UsageError('--on is required');
    const isRemoval = context.args.switches.has('remove');
    const session = await context.session();
    await session.write((unit) =>
      isRemoval ? removeSubtaskDependency(unit, id, on) : addSubtaskDependency(unit, id, on),
    );
    context.out.line(isRemoval ? 'removed' : 'added');
    return EXIT.ok;
  },
};

const note: CliCommand = {
  words: ['subtask', 'note'],
  summary: 'Leave a note on a subtask, for whoever works on it next.',
  operands: '[<subtask>]',
  strict: true,
  flags: [
    { ...BODY_FLAG, doc: 'File with the note (required); - for standard input' },
    { name: 'author', value: 'NAME', doc: 'Who writes it (the agent of this dispatch, or "person")' },
  ],
  exits: { 1: 'no such subtask' },
  async run(context) {
    const id = subtaskId(context);
    const text = await fileText(context, 'body-file');
    if (text === undefined) throw new UsageError('--body-file is required');
    const dispatch = context.env['INTERCORE_DISPATCH_ID'];
    const author = textOf(context.args, 'author') ?? (dispatch === undefined ? 'person' : `agent ${dispatch}`);
    const session = await context.session();
    await session.write((unit) => addNote(unit, id, { author, text }));
    context.out.line('added');
    return EXIT.ok;
  },
};

const close: CliCommand = {
  words: ['subtask', 'close'],
  summary: 'Say that the work on a subtask is done. It is checked before it counts.',
  operands: '[<subtask>]',
  strict: true,
  flags: [{ name: 'reason', value: 'TEXT', doc: 'What was done' }],
  exits: { 1: 'no such subtask', 2: 'nobody works on it' },
  async run(context) {
    const id = subtaskId(context);
    const reason = textOf(context.args, 'reason') ?? '';
    const session = await context.session();
    await session.write((unit) => closeSubtask(unit, id, reason));
    context.out.line('closed');
    return EXIT.ok;
  },
};

const remove: CliCommand = {
  words: ['subtask', 'remove'],
  summary: 'Take a subtask that nobody has begun out of the plan.',
  operands: '<subtask>',
  strict: true,
  exits: { 1: 'no such subtask', 2: 'it has been begun, or is the only one' },
  async run(context) {
    const id = subtaskId(context);
    const session = await context.session();
    await session.write((unit) => removeSubtask(unit, id));
    context.out.line('removed');
    return EXIT.ok;
  },
};

const move: CliCommand = {
  words: ['subtask', 'move'],
  summary: 'Move a subtask before another of its task, or to the end.',
  operands: '<subtask>',
  strict: true,
  flags: [{ name: 'before', value: 'SUBTASK', doc: 'The one it goes before (the end)' }],
  exits: { 1: 'no such subtask' },
  async run(context) {
    const id = subtaskId(context);
    const before = textOf(context.args, 'before') ?? null;
    const session = await context.session();
    await session.write((unit) => void reorderSubtask(unit, id, before));
    context.out.line('moved');
    return EXIT.ok;
  },
};

/** A command that changes the state of the subtask that is named; whoever orchestrates the folder does the rest. */
function step(
  verb: string,
  texts: Pick<CliCommand, 'summary' | 'exits'>,
  done: string,
  change: (unit: Unit, id: string) => Subtask,
): CliCommand {
  return {
    words: ['subtask', verb],
    ...texts,
    operands: '<subtask>',
    strict: true,
    async run(context) {
      const id = positional(context.args, 0, context.usage);
      const session = await context.session();
      await session.write((unit) => void change(unit, id));
      context.out.line(done);
      return EXIT.ok;
    },
  };
}

const start = step(
  'start',
  {
    summary: 'Begin the work on a subtask. A window that has the folder open starts its worker.',
    exits: { 1: 'no such subtask', 2: 'it is not ready' },
  },
  'started',
  startSubtask,
);

const retry = step(
  'retry',
  {
    summary: 'Work again on a subtask that failed, was stopped, or is held, on the branch there is.',
    exits: { 1: 'no such subtask', 2: 'it has not failed' },
  },
  'started',
  retryWork,
);

const retrySetupAgain = step(
  'retry-setup',
  {
    summary: 'Run the set-up of a worktree that failed again, without another attempt of an agent.',
    exits: { 1: 'no such subtask', 2: 'its set-up has not failed' },
  },
  'started',
  retrySetup,
);

const stop = step(
  'stop',
  {
    summary: 'Stop the work on a subtask. Its branch and worktree stay.',
    exits: { 1: 'no such subtask', 2: 'nobody works on it' },
  },
  'stopped',
  (unit, id) => failSubtask(unit, id, STOPPED_HERE),
);

/** The subtask that is named, or the one that this agent works on. */
function subtaskId(context: CliContext): string {
  const id = context.args.positionals[0] ?? context.env['INTERCORE_SUBTASK_ID'];
  if (id === undefined || id === '') throw new UsageError(`usage: ${context.usage}`);
  return id;
}

function failureLine({ stage, tries, nextAt, reason }: StageFailure): string {
  const next = nextAt === null ? 'ic subtask retry' : new Date(nextAt * 1000).toISOString();
  return `Held: ${STAGE_SPECS[stage].label} failed (tries: ${tries}, next: ${next}): ${reason}`;
}

function proofLines({ provenSha, provenWhere, decidingFiles }: Subtask): string[] {
  if (provenSha === null || provenWhere === null) return [];
  const deciding = decidingFiles.map((file) => `Changes a file that decides its checks: ${file}`);
  return [`Proven commit: ${provenSha} (${provenWhere})`, ...deciding];
}

function subtaskMap(subtask: Subtask): { readonly [key: string]: JsonValue } {
  return {
    id: subtask.id,
    task_id: subtask.taskId,
    number: subtask.number,
    title: subtask.title,
    status: subtask.status,
    created_at: subtask.createdAt,
    updated_at: subtask.updatedAt,
    ...(subtask.decidingFiles.length === 0 ? {} : { deciding_files: [...subtask.decidingFiles] }),
    ...present({
      blocked_reason: subtask.blockedReason,
      branch: subtask.branchName,
      worktree: subtask.worktreePath,
      stage: subtask.stage,
      pr_url: subtask.prUrl,
      pr_number: subtask.prNumber,
      last_error: subtask.lastError,
      closed_at: subtask.closedAt,
      merged_at: subtask.mergedAt,
      proven_sha: subtask.provenSha,
      proven_at: subtask.provenAt,
      proven_where: subtask.provenWhere,
    }),
  };
}

export const SUBTASK_COMMANDS: readonly CliCommand[] = [
  create,
  edit,
  list,
  show,
  trust,
  depend,
  note,
  close,
  remove,
  move,
  start,
  retry,
  retrySetupAgain,
  stop,
];
