/** `ic subtask`: what a planner agent writes a plan with, and a worker agent reports by (`docs/design/beads.md`). */
import { SUBTASK_OPERATIONS } from '../../../contract/operations/subtasks';
import type { ListedSubtask } from '../../../contract/results/tasks';
import { parseBody } from '../../../kernel/tasks/subtask/body';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { STAGE_SPECS } from '../../../kernel/tasks/stage/stages';
import { closeSubtask, neighborsOf } from '../../../kernel/tasks/subtask/subtasks';
import type { subtaskOperations } from '../../../services/operations/task/subtasks';
import { UsageError } from '../../grammar/argv';
import { EXIT, type CliCommand, type CliContext } from '../../command/command';
import { gitIn } from '../../host/git';
import { operationCommands, type OwnForm } from '../../operations/operationCommand';
import { LEFT_OUT } from '../../output/leftOut';
import { BODY_FLAG, fileText, TITLE_FLAGS, titleOf } from '../../command/texts';
import { failureMap } from '../../output/stageFailureMap';
import { subtaskMap } from '../../output/subtaskMap';
import { textOf } from '../../grammar/values';
import { PRINT_TRUSTED } from './outcomes';
import type { Problem } from '../../../kernel/errors/reasons/problem';

const command = operationCommands<keyof typeof subtaskOperations>({
  declarations: SUBTASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/subtasks.js')).subtaskOperations,
});

const BODY_DOC = 'File with "## Spec", "## Implementation Plan", "## Acceptance Criteria"; - for standard input';

/** The texts of a subtask. */
const TEXTS = {
  flags: [...TITLE_FLAGS, { ...BODY_FLAG, doc: BODY_DOC }],
  async read(context) {
    const title = await titleOf(context);
    const text = await fileText(context, 'body-file');
    if (text === undefined) return { title };
    const { spec, plan, acceptance } = parseBody(text);
    return { title, spec, implementationPlan: plan, acceptanceCriteria: acceptance };
  },
} satisfies OwnForm;

const create = command('subtasks.add', {
  summary: 'Add a subtask to a task. Prints its id.',
  isOwn: true,
  form: {
    flags: TEXTS.flags,
    async read(context) {
      const texts = await TEXTS.read(context);
      if (texts['title'] === undefined) throw new UsageError('--title or --title-file is required');
      return texts;
    },
  },
  exits: { 1: 'no such task' },
  examples: ['ic subtask create --title-file=title.txt --body-file=plan.md'],
  text: ({ id }, { out }) => out.line(id),
  json: ({ id, number }) => ({ id, number }),
});

const edit = command('subtasks.edit', {
  summary: 'Change the text of a subtask that has not started.',
  isOwn: true,
  form: TEXTS,
  exits: { 1: 'no such subtask', 2: 'it has started' },
  text: 'updated',
});

const list = command('subtasks.list', {
  summary: 'Subtasks of a task, in their order.',
  isOwn: true,
  exits: LEFT_OUT,
  async text(subtasks, context) {
    const { ELSEWHERE, unseenWord } = await import('../../../services/tasks/project/locations.js');
    for (const { subtask, dependsOn, unseen } of await withState(subtasks, context)) {
      const { number, id, title, isElsewhere } = subtask;
      const state = subtask.blockedReason === null ? subtask.status : `BLOCKED (${subtask.blockedReason})`;
      const location = unseen !== undefined ? [unseenWord(unseen)] : isElsewhere ? [ELSEWHERE] : [];
      context.out.row(number, id, state, title, dependsOn.join(' '), ...location);
    }
  },
  json: async (subtasks, context) =>
    (await withState(subtasks, context)).map(({ subtask, dependsOn, unseen }) => ({
      ...subtaskMap(subtask),
      depends_on: dependsOn,
      ...(subtask.isElsewhere ? { elsewhere: true } : {}),
      ...(unseen === undefined ? {} : { unseen: true, unseen_because: unseen.text }),
    })),
});

interface SubtaskState {
  readonly subtask: ListedSubtask;
  readonly dependsOn: readonly string[];
  /** Why its worktree cannot be seen. */
  readonly unseen: Problem<'WORKTREE_UNSEEN'> | undefined;
}

async function withState(subtasks: readonly ListedSubtask[], context: CliContext): Promise<SubtaskState[]> {
  const session = await context.session();
  const { worktreeUnseen } = await import('../../../services/tasks/project/locations.js');
  const git = gitIn(context.env, session.kernel.folder);
  return await Promise.all(
    subtasks.map(async (subtask) => ({
      subtask,
      dependsOn: session.read((reader) => neighborsOf(reader, subtask)).dependsOn,
      unseen: await worktreeUnseen({ kernel: session, git }, subtask),
    })),
  );
}

const show = command('subtasks.get', {
  summary: 'A subtask with all that is known about it.',
  isOwn: true,
  exits: { 1: 'no such subtask' },
  async text({ subtask, dependsOn, notes }, context) {
    const { out } = context;
    out.line(`${subtask.title}\n\nStatus: ${subtask.blockedReason ?? subtask.status}`);
    for (const failure of await failuresOf(subtask, context)) out.line(failureLine(failure));
    for (const line of proofLines(subtask)) out.line(line);
    if (dependsOn.length > 0) out.line(`Waits for: ${dependsOn.join(', ')}`);
    const parts = [
      ['Spec', subtask.spec],
      ['Implementation Plan', subtask.implementationPlan],
      ['Acceptance Criteria', subtask.acceptanceCriteria],
      ...notes.map(({ author, text }) => [`Note of ${author}`, text] as const),
    ] as const;
    for (const [heading, text] of parts) if (text !== '') out.line(`\n## ${heading}\n\n${text}`);
  },
  async json({ subtask, dependsOn, dependents, notes }, context) {
    const failures = await failuresOf(subtask, context);
    return {
      ...subtaskMap(subtask),
      ...(failures.length === 0 ? {} : { failures: failures.map(failureMap) }),
      spec: subtask.spec,
      implementation_plan: subtask.implementationPlan,
      acceptance_criteria: subtask.acceptanceCriteria,
      depends_on: dependsOn,
      dependents,
      notes: notes.map(({ author, text, createdAt }) => ({ author, text, created_at: createdAt })),
    };
  },
});

async function failuresOf({ id }: Subtask, context: CliContext): Promise<readonly StageFailure[]> {
  const session = await context.session();
  return session.read((reader) => stageFailures(reader)).filter(({ subtaskId }) => subtaskId === id);
}

const trust = command('subtasks.trustLocation', {
  summary: 'Let git run in a worktree that is recorded elsewhere. Prints its real path.',
  exits: { 1: 'no such subtask, or it has no worktree', 2: 'no worktree of its project is there' },
  ...PRINT_TRUSTED,
});

const depend = command('subtasks.addDependency', {
  summary: 'Make a subtask wait until another is merged.',
  isOwn: true,
  help: { dependsOn: { value: 'SUBTASK', doc: 'The one that goes first' } },
  exits: { 1: 'no such subtask', 3: 'a circle' },
  text: 'added',
  otherwise: {
    name: 'remove',
    doc: 'Remove the dependency instead',
    operation: 'subtasks.removeDependency',
    text: 'removed',
  },
});

const note = command('subtasks.note', {
  summary: 'Leave a note on a subtask for the next agent or person who works on it.',
  isOwn: true,
  form: {
    flags: [
      { ...BODY_FLAG, doc: 'File with the note; - for standard input', isRequired: true },
      { name: 'author', value: 'NAME', doc: 'Who writes it (the agent of this dispatch, or "person")' },
    ],
    async read(context) {
      const text = await fileText(context, 'body-file');
      if (text === undefined) throw new UsageError('--body-file is required');
      return { text };
    },
  },
  parts({ args, env }) {
    const dispatch = env['INTERCORE_DISPATCH_ID'];
    return { actor: textOf(args, 'author') ?? (dispatch === undefined ? 'person' : `agent ${dispatch}`) };
  },
  exits: { 1: 'no such subtask' },
  text: 'added',
});

const close: CliCommand = {
  words: ['subtask', 'close'],
  summary: 'Say that the work on a subtask is done. It is checked before it counts.',
  operands: '[<subtask>]',
  strict: true,
  flags: [{ name: 'reason', value: 'TEXT', doc: 'What was done' }],
  exits: { 1: 'no such subtask', 2: 'it is not in progress' },
  async run(context) {
    const id = subtaskId(context);
    const reason = textOf(context.args, 'reason') ?? '';
    const session = await context.session();
    await session.write((unit) => closeSubtask(unit, id, reason));
    context.out.line('closed');
    return EXIT.ok;
  },
};

/** The subtask that is named, or the one that this agent works on. */
function subtaskId(context: CliContext): string {
  const id = context.args.positionals[0] ?? context.env['INTERCORE_SUBTASK_ID'];
  if (id === undefined || id === '') throw new UsageError(`usage: ${context.usage}`);
  return id;
}

const remove = command('subtasks.remove', {
  summary: 'Remove a subtask that has not started from the plan.',
  isOwn: true,
  exits: { 1: 'no such subtask', 2: 'it has started, or is the only one' },
  text: 'removed',
});

const move = command('subtasks.reorder', {
  summary: 'Move a subtask before another of its task, or to the end.',
  isOwn: true,
  help: { before: { value: 'SUBTASK', doc: 'The one it goes before (the end)' } },
  exits: { 1: 'no such subtask' },
  text: 'moved',
});

const start = command('subtasks.start', {
  summary: 'Start the work on a subtask. A window that has the folder open starts its worker.',
  exits: { 1: 'no such subtask', 2: 'it is not ready' },
  text: 'started',
});

const retry = command('subtasks.retry', {
  summary: 'Work again on a subtask that failed, was stopped, or is held, on the same branch.',
  exits: { 1: 'no such subtask', 2: 'it has not failed' },
  text: 'started',
});

const retrySetup = command('subtasks.retrySetup', {
  summary: 'Run the failed set-up of a worktree again, without another attempt of an agent.',
  exits: { 1: 'no such subtask', 2: 'its set-up has not failed' },
  text: 'started',
});

const stop = command('subtasks.stop', {
  exits: { 1: 'no such subtask', 2: 'it is not in progress' },
  text: 'stopped',
});

function failureLine({ stage, tries, nextAt, reason }: StageFailure): string {
  const next = nextAt === null ? 'ic subtask retry' : new Date(nextAt * 1000).toISOString();
  return `Held: ${STAGE_SPECS[stage].label} failed (tries: ${tries}, next: ${next}): ${reason}`;
}

function proofLines({ provenSha, provenWhere, decidingFiles }: Subtask): string[] {
  if (provenSha === null || provenWhere === null) return [];
  const deciding = decidingFiles.map((file) => `Changes a file that decides its checks: ${file}`);
  return [`Proven commit: ${provenSha} (${provenWhere})`, ...deciding];
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
  retrySetup,
  stop,
];
