/** What every projection is given: the folders' records and the means to put them into words. */
import type { AttentionItem } from '../../contract/results/attention';
import type { LeaderState } from '../../contract/results/tasks';
import type { AccountHold } from '../../host/state/accountHolds';
import type { QueuedDispatch } from '../../kernel/queue/model';
import type { ObservedSession } from '../../services/attention/items/agentItems';
import type { Formats } from '../rows/format';
import type { Localizer } from '../rows/localizer';
import type { FolderRecord } from './record/folderRecord';
import type { PortfolioRecord } from './record/portfolioRecord';
import type { Words } from './words';
import type { Problem } from '../../kernel/errors/reasons/problem';

/** What the views know of held accounts. */
export interface HeldContext {
  /** The hold of the account that agents of a kind use. */
  hold(kind: string): AccountHold | undefined;
  /** Kinds that work on the tasks of a folder. */
  agents(folder: string): { readonly planner: string; readonly worker: string };
  nowMs(): number;
}

/** The agent of a subtask, or the planner of a task. */
export interface TaskAgent {
  readonly taskId: string;
  readonly subtaskId?: string | undefined;
}

export interface ViewContext {
  /** In the order of the workspace. */
  records(): readonly FolderRecord[];
  /** The folder's name in this workspace. */
  readonly nameOf: (folder: string) => string;
  /** In a window on a workspace file. */
  readonly portfolios?: PortfolioRecord;
  /** How often an agent of a task is started in a folder before a person has to act. */
  readonly maxAttempts: (folder: string) => number;
  /** Who leads the tasks of a folder. */
  readonly leaderState: (folder: string) => LeaderState;
  readonly held: HeldContext;
  /** Whether a clone or worktree of a record is neither the person's nor ours, so that it is not opened. */
  readonly isElsewhere: (place: string) => boolean;
  /** Why a worktree cannot be seen: it is on a disk that is away, for one. Undefined where it can. */
  readonly unseen: (place: string) => Problem<'WORKTREE_UNSEEN'> | undefined;
  /** Whether work on a subtask waits until other heavy work of this window is done. */
  readonly waitsForTurn: (subtaskId: string) => boolean;
  /** What the agent of a subtask, or the planner of a task, asks a person; the first of several requests. */
  readonly requestOf: (of: TaskAgent) => AttentionItem | undefined;
  /** The sessions of running agents, by the ids of their dispatches. */
  readonly sessions: () => ReadonlyMap<string, ObservedSession>;
  /** Whether agents of a kind run in sessions. */
  readonly runsInSession: (kind: string) => boolean;
  /** Whether a program of this user queued the dispatch; others came with the folder. */
  readonly isQueuedHere: (queued: QueuedDispatch) => boolean;
  readonly l10n: Localizer;
  readonly formats: Formats;
  readonly words: Words;
}

/** The record of a folder that is still open. */
export function recordOf(context: ViewContext, folder: string): FolderRecord | undefined {
  return context.records().find((record) => record.folder === folder);
}
