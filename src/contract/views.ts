/**
 * The views and what their rows tell menus (`docs/design/editor.md`). A row's `contextValue` is
 * `intercore.<kind>+flag+flag`; a when-clause matches whole words of it, anchored: `viewItem =~
 * /^intercore\.run\b.*\+active\b/`. The row itself is the argument of its commands: it carries the fields of
 * `ROW_FIELDS` for its kind.
 */

/** The one container in the activity bar. */
export const VIEW_CONTAINER = 'intercore';

export const VIEWS = {
  /** What waits for a person, in every folder. */
  needsYou: 'intercore.needsYou',
  runs: 'intercore.runs',
  /** Shown in a window on a workspace file only. */
  portfolio: 'intercore.portfolio',
  tasks: 'intercore.tasks',
  dispatches: 'intercore.dispatches',
} as const;
export type ViewId = (typeof VIEWS)[keyof typeof VIEWS];

/** Id of the one status bar item. */
export const STATUS_ITEM = 'intercore.status';

/**
 * The flags each kind of row may carry. `writable` says that the folder's database can be written, so that menus offer
 * changes only where they can work.
 */
export const ROW_FLAGS = {
  /** A workspace folder; exactly one of the states, and `backup` where a damaged database has one. */
  folder: ['missing', 'loading', 'ready', 'readOnly', 'failed', 'backup'],
  /** Exactly one status; `blocked`: its gate is red; `manual`: it waits for a person; `portfolio`: a run over runs. */
  run: ['active', 'completed', 'cancelled', 'failed', 'blocked', 'manual', 'portfolio', 'writable'],
  /** A stored run that cannot be read. */
  invalidRun: [],
  /** Exactly one of the first four; `blocked` on the current phase; `terminal` on the last; `runActive` on all. */
  phase: ['done', 'current', 'skipped', 'upcoming', 'blocked', 'terminal', 'runActive', 'writable'],
  /** A condition of the current phase's gate. */
  condition: ['pass', 'fail'],
  artifact: ['active', 'rolledBack', 'writable'],
  agent: ['active', 'completed', 'failed', 'linked', 'writable'],
  /** `evidence`: the event keeps what its gate checked. */
  event: ['evidence'],
  /**
   * Exactly one status; `live` while its process may run; `inRun`: it works for a run of this database; `session`: its
   * agent runs in a session, or its session can be continued; `paused`: a pause was requested.
   */
  dispatch: [
    'spawned',
    'running',
    'completed',
    'failed',
    'timeout',
    'cancelled',
    'live',
    'ended',
    'inRun',
    'session',
    'paused',
    'verdict',
    'prompt',
    'log',
    'writable',
  ],
  /**
   * A dispatch that waits for a limit; exactly one of `waiting` and `problem`, where it waits for a person; `accountHeld`:
   * a limit holds the account of its agent, here and below.
   */
  queued: ['waiting', 'problem', 'accountHeld', 'writable'],
  /** A stored dispatch that cannot be read. */
  invalidDispatch: [],
  /** One fact of a dispatch. */
  detail: [],
  /** A text that waits for the end of an agent's turn. */
  waitingText: ['writable'],
  /** Exactly one status; `blocked`: its gate is red; `paused`: its relay rests. */
  portfolio: ['active', 'completed', 'cancelled', 'failed', 'blocked', 'paused', 'writable'],
  /** A stored portfolio that cannot be read. */
  invalidPortfolio: [],
  /**
   * A portfolio's run in one project. Exactly one status, and one of `own`, `mirror` and `unreadable`: where its state
   * comes from; `open`: its folder is in this window, `writable` too; `waiting`: an upstream project holds it back.
   */
  child: ['active', 'completed', 'cancelled', 'failed', 'own', 'mirror', 'unreadable', 'open', 'waiting', 'writable'],
  invalidChild: [],
  /** One fact of a child. */
  childDetail: [],
  /** One project waits for another; `waiting`: it does so now. */
  dependency: ['waiting', 'writable'],
  /** A circle among the dependencies. */
  dependencyCycle: [],
  /** A condition of the gate before a portfolio. */
  portfolioCondition: ['pass', 'fail'],
  /** A child that holds its portfolio's gate. */
  behind: [],
  /** An event of the portfolio's own or one that the relay brought. */
  portfolioEvent: [],
  relay: ['running', 'paused', 'failing', 'writable'],
  /**
   * A repository whose tasks agents plan and build; `empty`: it has no task; `remote`: it is on GitHub; `elsewhere`: its
   * clone is recorded elsewhere, here and below. `leading`: this window leads its tasks; `following`: another program does,
   * here and of tasks.
   */
  project: ['empty', 'remote', 'elsewhere', 'leading', 'following', 'writable'],
  /** Exactly one status; `failing`: a stage of it failed and holds it; `log`: an attempt to plan it has a log. */
  task: [
    'planning',
    'planningFailed',
    'active',
    'done',
    'accountHeld',
    'failing',
    'leading',
    'following',
    'log',
    'writable',
  ],
  /**
   * Exactly one of the first seven; `unstarted`: the plan for it can still be changed; `held`: its proven work could not be
   * brought out; `failing`: a stage of it failed and holds it, `setupFailed`: the set-up of its worktree; `branch`, `worktree` and `pullRequest` where it has them, `unseen`: the worktree cannot be seen, `log` where an attempt or that set-up has one.
   */
  subtask: [
    'pending',
    'ready',
    'waiting',
    'broken',
    'inProgress',
    'completed',
    'merged',
    'unstarted',
    'held',
    'accountHeld',
    'failing',
    'setupFailed',
    'branch',
    'worktree',
    'elsewhere',
    'unseen',
    'pullRequest',
    'log',
    'writable',
  ],
  /** One attempt of a planner or a worker. */
  attempt: ['running', 'succeeded', 'failed', 'cancelled', 'log'],
  /** A subtask that another one waits for; `unstarted`: that one, which may be made not to wait. */
  waitsFor: ['merged', 'open', 'unstarted', 'writable'],
  /** Tasks of a folder that cannot be read. */
  invalidTasks: [],
  invalidTaskRow: [],
  /** Something that waits for a person; the flag is the one best thing to do, `writable` that it can be done here. */
  need: [
    'restore',
    'reload',
    'log',
    'portfolioRestore',
    'portfolioOverride',
    'portfolioArtifact',
    'portfolioReport',
    'portfolioBudget',
    'override',
    'artifact',
    'report',
    'budget',
    'allow',
    'retryPlanning',
    'signInAgent',
    'signIn',
    'retryPullRequest',
    'retry',
    'merge',
    'removeSubtask',
    'startNow',
    'resumeAccount',
    'allowRequest',
    'denyRequest',
    'answerQuestion',
    'denial',
    'diff',
    'heldPlan',
    'heldSubtask',
    'output',
    'subtaskOutput',
    'planningOutput',
    'writable',
  ],
  /** A heading over rows: a day, *Agents*, *Events*, older rows. */
  group: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type RowKind = keyof typeof ROW_FLAGS;
export type RowFlag<K extends RowKind> = (typeof ROW_FLAGS)[K][number];

/** What a row carries besides `kind` and `id`; commands that act on rows take an object with these fields. */
export const ROW_FIELDS = {
  folder: ['folder'],
  run: ['folder', 'runId'],
  invalidRun: ['folder', 'runId'],
  phase: ['folder', 'runId', 'phase'],
  condition: ['folder', 'runId', 'phase'],
  artifact: ['folder', 'runId', 'phase', 'artifactId'],
  agent: ['folder', 'runId', 'agentId'],
  event: ['folder', 'runId', 'eventId'],
  dispatch: ['folder', 'dispatchId'],
  queued: ['folder', 'dispatchId'],
  invalidDispatch: ['folder', 'dispatchId'],
  detail: ['folder', 'dispatchId'],
  waitingText: ['folder', 'dispatchId', 'waitingId'],
  portfolio: ['portfolioId'],
  invalidPortfolio: ['portfolioId'],
  child: ['portfolioId', 'folder', 'runId', 'projectDir'],
  invalidChild: ['portfolioId', 'runId'],
  childDetail: ['portfolioId', 'folder', 'runId', 'projectDir'],
  dependency: ['portfolioId', 'upstream', 'downstream'],
  dependencyCycle: ['portfolioId'],
  portfolioCondition: ['portfolioId'],
  behind: ['portfolioId', 'projectDir'],
  portfolioEvent: ['portfolioId', 'eventId'],
  relay: ['portfolioId'],
  project: ['folder', 'projectId'],
  task: ['folder', 'taskId'],
  subtask: ['folder', 'taskId', 'subtaskId'],
  attempt: ['folder', 'taskId', 'subtaskId', 'dispatchId'],
  waitsFor: ['folder', 'taskId', 'subtaskId', 'dependsOn'],
  invalidTasks: ['folder'],
  invalidTaskRow: ['folder'],
  need: [
    'folder',
    'portfolioId',
    'runId',
    'dispatchId',
    'number',
    'projectId',
    'taskId',
    'subtaskId',
    'agentKind',
    'itemId',
  ],
  group: [],
} as const satisfies Readonly<Record<RowKind, readonly string[]>>;

/** The `contextValue` of a row; flags keep the order they are given in. */
export function contextValue<K extends RowKind>(kind: K, flags: readonly RowFlag<K>[]): string {
  return [`intercore.${kind}`, ...flags].join('+');
}

/** The pattern for a when-clause that asks for a kind and, of it, for all of some flags. */
export function viewItemPattern<K extends RowKind>(kind: K, flags: readonly RowFlag<K>[]): string {
  const asked = flags.map((flag) => `(?=.*\\+${flag}\\b)`).join('');
  return `/^intercore\\.${kind}\\b${asked}/`;
}
