/**
 * The board of a folder as its panel draws it: columns of subtasks, cards of tasks and the details of one of them, and
 * the messages between the panel's page and the extension (`docs/board.md`). Both sides parse what they
 * receive. The extension puts every fact into words, so the page guesses nothing.
 */
import * as z from 'zod/mini';

/** The key of when-clauses that says which card a menu is of, and what can be done: `subtask+start+showReport+`. */
export const CARD_KEY = 'intercore.card';

/** The columns, in order. A blocked subtask waits for others or has failed. */
export const COLUMNS = ['ready', 'inProgress', 'completed', 'merged', 'blocked'] as const;
export type Column = (typeof COLUMNS)[number];

/**
 * How a subtask stands; `waiting` and `broken` are the two ways to be blocked, `held` is work that is done and could not
 * be brought out, `stageHeld` a step before that which waits for a person, `accountHeld` one that waits for the limit of
 * an account, and `asking` one whose agent waits for an answer. One that is not planned has no card.
 */
export const CARD_STATES = [
  'ready',
  'inProgress',
  'asking',
  'accountHeld',
  'stageHeld',
  'held',
  'completed',
  'merged',
  'waiting',
  'broken',
] as const;
export type CardState = (typeof CARD_STATES)[number];

export const TASK_STATES = [
  'planning',
  'asking',
  'accountHeld',
  'stageHeld',
  'planningFailed',
  'active',
  'done',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** How an attempt of an agent stands or ended. */
export const ATTEMPT_STATES = ['running', 'succeeded', 'failed', 'cancelled'] as const;

export const COLUMN_OF: Readonly<Record<CardState, Column>> = {
  ready: 'ready',
  inProgress: 'inProgress',
  asking: 'inProgress',
  accountHeld: 'inProgress',
  stageHeld: 'inProgress',
  held: 'inProgress',
  completed: 'completed',
  merged: 'merged',
  waiting: 'blocked',
  broken: 'blocked',
};

/** What can be done with a task or a subtask from the board. Each is a command of ours. */
export const BOARD_ACTIONS = [
  'answer',
  'start',
  'stop',
  'resumeAccount',
  'pauseAccount',
  'retry',
  'retrySetup',
  'merge',
  'retryPullRequest',
  'markMerged',
  'openPullRequest',
  'showChanges',
  'showLog',
  'showPrompt',
  'openWorktree',
  'cleanUp',
  'trustLocation',
  'copyBranch',
  'retryPlanning',
  'stopPlanning',
  'toggleAutoStart',
  'showReport',
  'delete',
] as const;
export type BoardAction = (typeof BOARD_ACTIONS)[number];
const actions = z.array(z.enum(BOARD_ACTIONS));

export const boardCard = z.strictObject({
  id: z.string(),
  taskId: z.string(),
  title: z.string(),
  status: z.enum(CARD_STATES),
  /** The status in words. */
  state: z.string(),
  /** Attempt, tokens, since when: what is worth knowing at a glance. */
  facts: z.array(z.string()),
  /** Why it does not continue, or what went wrong; empty: nothing. */
  reason: z.string(),
  actions,
  /** All of it in a sentence, for screen readers. */
  spoken: z.string(),
});
export type BoardCard = z.infer<typeof boardCard>;

const boardGauge = z.strictObject({
  name: z.string(),
  /** Used of its limit, what is held and how sure that is, in words. */
  text: z.string(),
  /** 0 to 1: used, and held by running agents. */
  used: z.number(),
  held: z.number(),
  /** Some usage is unknown, which is not zero. */
  isSure: z.boolean(),
  level: z.enum(['ok', 'warning', 'exceeded']),
});
export type BoardGauge = z.infer<typeof boardGauge>;

export const boardTask = z.strictObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  status: z.enum(TASK_STATES),
  state: z.string(),
  facts: z.array(z.string()),
  reason: z.string(),
  merged: z.int(),
  subtasks: z.int(),
  /** Against the limits of its budget; empty: it has none. */
  gauges: z.array(boardGauge),
  /** The same in a few words. */
  budget: z.string(),
  actions,
  spoken: z.string(),
});
export type BoardTask = z.infer<typeof boardTask>;

/** The subtasks of a task in the order that the kernel keeps (D22). */
const boardOrder = z.strictObject({ taskId: z.string(), ids: z.array(z.string()) });
export type BoardOrder = z.infer<typeof boardOrder>;

/** What can be started from the board. */
const offer = z.enum(['createTask', 'useFolder', 'addProject']);
export type BoardOffer = z.infer<typeof offer>;

/** A message about the whole board, with its action. */
const boardNotice = z.strictObject({
  tone: z.enum(['info', 'warning']),
  text: z.string(),
  offer: z.optional(offer),
});
export type BoardNotice = z.infer<typeof boardNotice>;

/** How the person views the board; kept for each folder. */
export const boardView = z.strictObject({
  /** Empty: all tasks. */
  taskId: z.string(),
  text: z.string(),
  /** The columns that are shown. */
  columns: z.array(z.enum(COLUMNS)),
  /** Cards stand under the task they are of. */
  grouped: z.boolean(),
  /** Tasks that are done are among the tasks. */
  done: z.boolean(),
});
export type BoardView = z.infer<typeof boardView>;
export const EVERYTHING: BoardView = { taskId: '', text: '', columns: [...COLUMNS], grouped: false, done: false };

const neighbor = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum([...CARD_STATES, 'pending']),
  state: z.string(),
});
export type BoardNeighbor = z.infer<typeof neighbor>;
const boardAttempt = z.strictObject({
  id: z.string(),
  name: z.string(),
  status: z.enum(ATTEMPT_STATES),
  /** Status, length, tokens and cost. */
  facts: z.array(z.string()),
  error: z.string(),
  /** Null where it never started: it has no prompt and no log then. */
  dispatchId: z.nullable(z.string()),
});
export type BoardAttempt = z.infer<typeof boardAttempt>;

/** What a person checks closely. */
export const detailTarget = z.strictObject({ kind: z.enum(['task', 'subtask']), id: z.string() });
export type DetailTarget = z.infer<typeof detailTarget>;

const boardDetail = z.strictObject({
  target: detailTarget,
  title: z.string(),
  /** What it is and where it belongs. */
  subtitle: z.string(),
  status: z.enum([...CARD_STATES, 'pending', ...TASK_STATES]),
  state: z.string(),
  reason: z.string(),
  actions,
  /** The branch that the work is on; empty: none. */
  branch: z.string(),
  /** Of the pull request; empty: none. */
  pullRequest: z.string(),
  facts: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  gauges: z.array(boardGauge),
  /** Markdown from an untrusted author. */
  texts: z.array(z.strictObject({ name: z.string(), markdown: z.string() })),
  waitsFor: z.array(neighbor),
  dependents: z.array(neighbor),
  /** Newest first. */
  attempts: z.array(boardAttempt),
});
export type BoardDetail = z.infer<typeof boardDetail>;

const board = z.strictObject({
  title: z.string(),
  /** Of the record; the menus of cards are called with it. */
  folder: z.string(),
  /** The record can be written and the window is trusted. */
  isWritable: z.boolean(),
  notices: z.array(boardNotice),
});
export type BoardHead = z.infer<typeof board>;

/**
 * What the extension tells the page. Snapshots and deltas are counted by `seq`: a page that misses one asks for a
 * snapshot (`docs/design/editor.md#pages`).
 */
export const boardCommand = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('snapshot'),
    seq: z.int(),
    head: board,
    view: boardView,
    /** In the order of their groups. */
    tasks: z.array(boardTask),
    orders: z.array(boardOrder),
    cards: z.array(boardCard),
  }),
  z.strictObject({
    type: z.literal('delta'),
    seq: z.int(),
    head: z.optional(board),
    /** All of them, in order, where one came or went. */
    taskIds: z.optional(z.array(z.string())),
    tasks: z.array(boardTask),
    orders: z.array(boardOrder),
    cards: z.array(boardCard),
    /** Ids of subtasks that have no card any more. */
    gone: z.array(z.string()),
  }),
  /** The details of what the page has open, now and whenever they change. Null: it is gone. */
  z.strictObject({ type: z.literal('detail'), target: detailTarget, detail: z.nullable(boardDetail) }),
  /** The result of a request. An empty problem: it was done, or the person canceled it. */
  z.strictObject({ type: z.literal('settled'), request: z.int(), problem: z.string() }),
]);
export type BoardCommand = z.infer<typeof boardCommand>;
export type BoardSnapshot = Extract<BoardCommand, { type: 'snapshot' }>;
export type BoardDelta = Extract<BoardCommand, { type: 'delta' }>;

/** What the page tells the extension. A `request` is answered by `settled` with the same number. */
export const boardEvent = z.discriminatedUnion('type', [
  /** A delta is missing. */
  z.strictObject({ type: z.literal('resync') }),
  z.strictObject({ type: z.literal('view'), view: boardView }),
  /** Null: nothing is open. */
  z.strictObject({ type: z.literal('look'), target: z.nullable(detailTarget) }),
  z.strictObject({ type: z.literal('act'), request: z.int(), action: z.enum(BOARD_ACTIONS), target: detailTarget }),
  z.strictObject({
    type: z.literal('attempt'),
    request: z.int(),
    what: z.enum(['log', 'prompt']),
    dispatchId: z.string(),
  }),
  z.strictObject({ type: z.literal('offer'), request: z.int(), offer }),
  /** Put the subtask between two of its task; null where there is none on that side. */
  z.strictObject({
    type: z.literal('move'),
    request: z.int(),
    subtaskId: z.string(),
    after: z.nullable(z.string()),
    before: z.nullable(z.string()),
  }),
]);
export type BoardEvent = z.infer<typeof boardEvent>;

/** How the person left the page. */
export const boardMemory = z.strictObject({
  /** What is open beside the board. */
  target: z.optional(detailTarget),
  /** The card that the keyboard was on. */
  current: z.optional(z.string()),
});
export type BoardMemory = z.infer<typeof boardMemory>;
