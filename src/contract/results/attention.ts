/**
 * What waits for a person (`docs/design/editor.md`): the closed list of its kinds, in words and with the one best thing to do. Items
 * come from facts of the record and go when the facts do; nothing is ever dismissed.
 */

/** `blocking`: a run goes no further until a person acts. `warning`: it continues, perhaps badly. */
export type AttentionSeverity = 'blocking' | 'warning';

/** The id of a command of the editor. */
type CommandName = `intercore.${string}.${string}`;

interface KindSpec {
  readonly severity: AttentionSeverity;
  /** What is the matter, in two or three words. */
  readonly heading: string;
  /** Why, with places for the item's facts. */
  readonly reason: string;
}

export const ATTENTION = {
  databaseDamaged: { severity: 'blocking', heading: 'Database damaged', reason: '{problem}' },
  databaseBusy: { severity: 'blocking', heading: 'Database in use', reason: '{problem}' },
  databaseUnreadable: { severity: 'blocking', heading: 'Database unreadable', reason: '{problem}' },
  databaseNewer: { severity: 'blocking', heading: 'Database of a newer version', reason: '{problem}' },
  databaseReadOnly: { severity: 'blocking', heading: 'Database read-only', reason: '{problem}' },
  overrideAsked: {
    severity: 'blocking',
    heading: 'Override asked for',
    reason: '{actor} asks to leave {phase}: {reason}',
  },
  gateFailed: { severity: 'blocking', heading: 'Gate blocked', reason: '{fromPhase} → {toPhase}: {problem}' },
  budgetExceeded: { severity: 'blocking', heading: 'Budget used up', reason: '{used} of {limit} used' },
  consentNeeded: {
    severity: 'blocking',
    heading: 'Agents wait to be allowed',
    reason: 'Agents that ask for nothing, or tasks that came with the folder, are not allowed here yet',
  },
  planningFailed: { severity: 'blocking', heading: 'Planning failed', reason: '{problem}' },
  attemptsExhausted: { severity: 'blocking', heading: 'Subtask failed', reason: '{problem}' },
  stageHeld: { severity: 'blocking', heading: 'Work held', reason: '{step} failed, {tries} tries: {problem}' },
  signInNeeded: { severity: 'blocking', heading: 'Sign-in needed', reason: '{problem}' },
  landingFailed: { severity: 'blocking', heading: 'Landing failed', reason: '{problem}' },
  workToMerge: { severity: 'blocking', heading: 'To be merged', reason: '{branch} is completed' },
  checksChanged: {
    severity: 'blocking',
    heading: 'To be merged, with changed checks',
    reason: '{branch} is completed and changes files that decide its checks: {files}',
  },
  issueClosed: {
    severity: 'warning',
    heading: 'Closed in Beads',
    reason: '{issue} was closed there before anybody worked on it here: remove the subtask, or start it',
  },
  issueDeleted: {
    severity: 'warning',
    heading: 'Gone from Beads',
    reason: '{issue} was deleted there: remove the subtask, or start it and it is made again',
  },
  workToAllow: {
    severity: 'blocking',
    heading: 'Queued dispatch to allow',
    reason: 'It came with this folder, or from another window: its agent starts here once you allow that',
  },
  dispatchNotStarted: { severity: 'blocking', heading: 'Dispatch not started', reason: '{problem}' },
  agentRepeating: {
    severity: 'warning',
    heading: 'Agent stuck',
    reason: '{count} attempts ended with the same error: {problem}',
  },
  stageRepeating: {
    severity: 'warning',
    heading: 'Failing repeatedly',
    reason: '{step} failed, {tries} tries, next {next}: {problem}',
  },
  accountHeld: {
    severity: 'warning',
    heading: 'Limit reached',
    reason: '{agent} is held until {until}, waiting: {count}. It reported: {problem}',
  },
  accountStopped: {
    severity: 'blocking',
    heading: 'Agents held',
    reason: '{agent} is held until you resume it, waiting: {count}. It reported: {problem}',
  },
  agentUnchanging: { severity: 'warning', heading: 'Agent stuck', reason: '{count} attempts changed nothing' },
  agentSilent: { severity: 'warning', heading: 'Agent stuck', reason: 'No output for {minutes} minutes' },
  budgetWarning: { severity: 'warning', heading: 'Budget nearly used up', reason: '{used} of {limit} used' },
} as const satisfies Readonly<Record<string, KindSpec>>;

export type AttentionKind = keyof typeof ATTENTION;

/** The best thing to do, each with the command that does it. */
export const ATTENTION_ACTIONS = {
  restore: { command: 'intercore.database.restoreBackup', label: 'Restore Backup…' },
  reload: { command: 'intercore.database.reload', label: 'Reload Database' },
  log: { command: 'intercore.log.show', label: 'Show Log' },
  portfolioRestore: { command: 'intercore.portfolio.restoreBackup', label: 'Restore Portfolio Backup…' },
  portfolioOverride: { command: 'intercore.portfolio.overrideGate', label: 'Override Portfolio Gate…' },
  portfolioArtifact: { command: 'intercore.portfolio.addArtifact', label: 'Add Portfolio Artifact…' },
  portfolioReport: { command: 'intercore.portfolio.checkGate', label: 'Check Portfolio Gate' },
  portfolioBudget: { command: 'intercore.portfolio.setBudget', label: 'Set Portfolio Budget…' },
  override: { command: 'intercore.gate.override', label: 'Override Gate…' },
  artifact: { command: 'intercore.artifact.add', label: 'Add Artifact…' },
  report: { command: 'intercore.gate.check', label: 'Check Gate' },
  budget: { command: 'intercore.run.setBudget', label: 'Set Budget…' },
  allow: { command: 'intercore.project.allowAgents', label: 'Allow Agents…' },
  retryPlanning: { command: 'intercore.task.retryPlanning', label: 'Retry Planning' },
  retry: { command: 'intercore.subtask.retry', label: 'Retry Subtask' },
  retryPullRequest: { command: 'intercore.subtask.retryPullRequest', label: 'Retry Pull Request' },
  signIn: { command: 'intercore.github.signIn', label: 'Sign In to GitHub' },
  merge: { command: 'intercore.subtask.merge', label: 'Merge Subtask…' },
  removeSubtask: { command: 'intercore.subtask.remove', label: 'Remove Subtask…' },
  startNow: { command: 'intercore.dispatch.startNow', label: 'Start Queued Dispatch Now' },
  resumeAccount: { command: 'intercore.account.resume', label: 'Resume Now' },
  output: { command: 'intercore.dispatch.showLog', label: 'Show Log' },
  subtaskOutput: { command: 'intercore.subtask.showLog', label: 'Show Log' },
  planningOutput: { command: 'intercore.task.showLog', label: 'Show Log' },
} as const satisfies Readonly<Record<string, { readonly command: CommandName; readonly label: string }>>;

export type AttentionAction = keyof typeof ATTENTION_ACTIONS;

/** Ids of what an item is about, as far as it has them: what its command is called with. */
export interface AttentionIds {
  /** Of a portfolio: where its database belongs. */
  readonly folder: string;
  readonly portfolioId?: string;
  readonly runId?: string;
  readonly dispatchId?: string;
  readonly projectId?: string;
  readonly taskId?: string;
  readonly subtaskId?: string;
  /** Of an account that a limit holds: a kind that uses it. */
  readonly agentKind?: string;
}

/** The row that an item points to; ids are in `action.args`' terms. */
export type AttentionTarget =
  | { readonly kind: 'folder' }
  /** The portfolios of the workspace. */
  | { readonly kind: 'portfolios' }
  | { readonly kind: 'portfolio'; readonly portfolioId: string }
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'dispatch' | 'queued'; readonly dispatchId: string }
  | { readonly kind: 'project'; readonly projectId: string }
  | { readonly kind: 'task'; readonly taskId: string }
  | { readonly kind: 'subtask'; readonly taskId: string; readonly subtaskId: string };

export interface AttentionItem {
  /** The same for as long as the same thing waits; unique among all folders. */
  readonly id: string;
  readonly kind: AttentionKind;
  readonly severity: AttentionSeverity;
  /** Absolute. */
  readonly folder: string;
  /** What it is about: a run's goal, a task's or subtask's title, a dispatch's name, the folder. */
  readonly title: string;
  readonly heading: string;
  readonly reason: string;
  /** What fills the places of the reason. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Unix seconds; null where the record does not tell. */
  readonly since: number | null;
  readonly action: {
    readonly name: AttentionAction;
    readonly command: CommandName;
    readonly args: AttentionIds;
    readonly label: string;
  };
  readonly place: AttentionTarget;
}
