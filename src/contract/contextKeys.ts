/** The context keys of when-clauses, with the type of their values. One helper sets them. */

/**
 * Why the views are empty, of the folder that is best off. `ready`: there is a database and simply nothing in it yet.
 * Welcome content is chosen by it.
 */
export const EMPTINESS = [
  'noFolder',
  'untrusted',
  'missing',
  'loading',
  'failed',
  'damaged',
  'readOnly',
  'ready',
] as const;
export type Emptiness = (typeof EMPTINESS)[number];

/** Why there is no portfolio to show. `damaged`: there is a backup. `nothing`: none was made, or none was read yet. */
export const PORTFOLIO_EMPTINESS = ['failed', 'damaged', 'readOnly', 'nothing'] as const;
export type PortfolioEmptiness = (typeof PORTFOLIO_EMPTINESS)[number];

/** Why the tasks view is empty: as the others, and of a record that can be changed what it lacks. */
export const TASK_EMPTINESS = [
  'noFolder',
  'untrusted',
  'missing',
  'loading',
  'failed',
  'damaged',
  'readOnly',
  'noProject',
  'noTask',
] as const;
export type TaskEmptiness = (typeof TASK_EMPTINESS)[number];

export interface TaskContextValues {
  'intercore.taskEmptiness': TaskEmptiness;
  'intercore.projectPresent': boolean;
  'intercore.taskPresent': boolean;
  /** Some task has subtasks. */
  'intercore.subtaskPresent': boolean;
  /** Some subtask's work is proven: it is completed or merged. */
  'intercore.subtaskProven': boolean;
  'intercore.subtaskMerged': boolean;
}

export interface RecordContextValues {
  'intercore.emptiness': Emptiness;
  /** Some folder has no database yet. */
  'intercore.databaseMissing': boolean;
  /** Some folder has a database file, readable or not. */
  'intercore.databasePresent': boolean;
  /** Some folder's record can be read. */
  'intercore.databaseReadable': boolean;
  /** Some folder's record can be changed, in a trusted window. */
  'intercore.databaseWritable': boolean;
  /** Some folder's damaged database has a backup. */
  'intercore.backupPresent': boolean;
  'intercore.runPresent': boolean;
  /** Some run is active. */
  'intercore.runActive': boolean;
  /** Some run came to its last phase. */
  'intercore.runCompleted': boolean;
  'intercore.dispatchPresent': boolean;
  /** Some dispatch waits in the queue. */
  'intercore.dispatchQueued': boolean;
  /** Some dispatch may have a living process. */
  'intercore.dispatchLive': boolean;
}

export interface PortfolioContextValues {
  'intercore.portfolioEmptiness': PortfolioEmptiness;
  /** A portfolio can be made: two folders or more, in a trusted window. */
  'intercore.portfolioPossible': boolean;
  /** The portfolios' record can be changed, in a trusted window. */
  'intercore.portfolioWritable': boolean;
  'intercore.portfolioPresent': boolean;
  /** The damaged database of the portfolios has a backup. */
  'intercore.portfolioBackupPresent': boolean;
  /** Some portfolio is active. */
  'intercore.portfolioActive': boolean;
  /** The relay of some active portfolio is paused. */
  'intercore.relayPaused': boolean;
  /** The relay of some active portfolio is not paused. */
  'intercore.relayRunning': boolean;
}

/** Why nothing needs a person: nothing was checked yet, or all is well. */
export const NEED_EMPTINESS = ['loading', 'nothing'] as const;
export type NeedEmptiness = (typeof NEED_EMPTINESS)[number];

export interface AttentionContextValues {
  'intercore.needEmptiness': NeedEmptiness;
  /** Something waits for a person. */
  'intercore.needPresent': boolean;
}

export interface AccountContextValues {
  /** A limit holds the account of some agent kind. */
  'intercore.accountHeld': boolean;
}

export interface LeadContextValues {
  /** This window leads the tasks of some folder. */
  'intercore.ledHere': boolean;
  /** Another window or `ic lead` leads the tasks of some folder. */
  'intercore.ledElsewhere': boolean;
}

/** The steps of the walkthrough, each with the key that says that it holds. */
export const MILESTONES = {
  'intercore.recordReached': 'intercore.databaseReadable',
  'intercore.taskReached': 'intercore.taskPresent',
  'intercore.workReached': 'intercore.subtaskProven',
  'intercore.mergeReached': 'intercore.subtaskMerged',
  'intercore.endReached': 'intercore.runCompleted',
} as const satisfies Readonly<Record<string, keyof RecordContextValues | keyof TaskContextValues>>;
export type Milestone = keyof typeof MILESTONES;
/** True for a moment when it is reached. */
export type MilestoneValues = { readonly [M in Milestone]: boolean };

export type ContextValues = MilestoneValues &
  AttentionContextValues &
  AccountContextValues &
  RecordContextValues &
  PortfolioContextValues &
  TaskContextValues &
  LeadContextValues;
export type ContextKey = keyof ContextValues;

/** What holds while no folder is open, and after the last has gone. */
export const EMPTY_RECORD_CONTEXT: RecordContextValues = {
  'intercore.emptiness': 'noFolder',
  'intercore.databaseMissing': false,
  'intercore.databasePresent': false,
  'intercore.databaseReadable': false,
  'intercore.databaseWritable': false,
  'intercore.backupPresent': false,
  'intercore.runPresent': false,
  'intercore.runActive': false,
  'intercore.runCompleted': false,
  'intercore.dispatchPresent': false,
  'intercore.dispatchQueued': false,
  'intercore.dispatchLive': false,
};

/** What holds in a window without a workspace file. */
export const EMPTY_PORTFOLIO_CONTEXT: PortfolioContextValues = {
  'intercore.portfolioEmptiness': 'nothing',
  'intercore.portfolioPossible': false,
  'intercore.portfolioWritable': false,
  'intercore.portfolioPresent': false,
  'intercore.portfolioBackupPresent': false,
  'intercore.portfolioActive': false,
  'intercore.relayPaused': false,
  'intercore.relayRunning': false,
};

export const EMPTY_TASK_CONTEXT: TaskContextValues = {
  'intercore.taskEmptiness': 'noFolder',
  'intercore.projectPresent': false,
  'intercore.taskPresent': false,
  'intercore.subtaskPresent': false,
  'intercore.subtaskProven': false,
  'intercore.subtaskMerged': false,
};

export const EMPTY_ATTENTION_CONTEXT: AttentionContextValues = {
  'intercore.needEmptiness': 'nothing',
  'intercore.needPresent': false,
};

export const EMPTY_LEAD_CONTEXT: LeadContextValues = {
  'intercore.ledHere': false,
  'intercore.ledElsewhere': false,
};

export const EMPTY_ACCOUNT_CONTEXT: AccountContextValues = { 'intercore.accountHeld': false };

/** Names every key, for the manifest test. */
export const EMPTY_CONTEXT: ContextValues = {
  'intercore.recordReached': false,
  'intercore.taskReached': false,
  'intercore.workReached': false,
  'intercore.mergeReached': false,
  'intercore.endReached': false,
  ...EMPTY_RECORD_CONTEXT,
  ...EMPTY_PORTFOLIO_CONTEXT,
  ...EMPTY_TASK_CONTEXT,
  ...EMPTY_ATTENTION_CONTEXT,
  ...EMPTY_ACCOUNT_CONTEXT,
  ...EMPTY_LEAD_CONTEXT,
};
