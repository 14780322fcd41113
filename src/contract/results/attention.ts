/**
 * The kinds of items in *Needs You* (`docs/design/editor.md`), with their texts and icons, and the actions. Items
 * follow the facts of the record: they appear and disappear with them, and cannot be dismissed.
 */

/** `blocking`: work stops until a person acts. `warning`: work continues, with a risk. */
export type AttentionSeverity = 'blocking' | 'warning';

/** The id of an editor command. */
type CommandName = `intercore.${string}.${string}`;

interface KindSpec {
  readonly severity: AttentionSeverity;
  /** Of its row, from the icons of VS Code. */
  readonly icon: string;
  /** The problem, in two or three words. */
  readonly heading: string;
  /** The cause, with placeholders for the item's facts. */
  readonly reason: string;
}

export const ATTENTION = {
  databaseDamaged: { severity: 'blocking', icon: 'database', heading: 'Database damaged', reason: '{problem}' },
  databaseBusy: { severity: 'blocking', icon: 'database', heading: 'Database in use', reason: '{problem}' },
  databaseUnreadable: { severity: 'blocking', icon: 'database', heading: 'Database unreadable', reason: '{problem}' },
  databaseNewer: {
    severity: 'blocking',
    icon: 'database',
    heading: 'Database from a newer version',
    reason: '{problem}',
  },
  databaseReadOnly: { severity: 'blocking', icon: 'lock-small', heading: 'Database read-only', reason: '{problem}' },
  overrideAsked: {
    severity: 'blocking',
    icon: 'comment-unresolved',
    heading: 'Override requested',
    reason: '{actor} requests to leave {phase}: {reason}',
  },
  gateFailed: {
    severity: 'blocking',
    icon: 'lock',
    heading: 'Gate blocked',
    reason: '{fromPhase} → {toPhase}: {problem}',
  },
  budgetExceeded: {
    severity: 'blocking',
    icon: 'dashboard',
    heading: 'Budget used up',
    reason: '{used} of {limit} used',
  },
  consentNeeded: {
    severity: 'blocking',
    icon: 'shield',
    heading: 'Agents not allowed',
    reason: 'The agents of its tasks, or tasks that came with the folder, are not allowed here yet',
  },
  /** In place of `consentNeeded`: agents that are allowed could not start. */
  agentsNotInstalled: {
    severity: 'blocking',
    icon: 'shield',
    heading: 'Agents not installed',
    reason:
      'The agents of its tasks, or tasks that came with the folder, are not allowed here yet. Not found on PATH: {programs}',
  },
  planningFailed: { severity: 'blocking', icon: 'error', heading: 'Planning failed', reason: '{problem}' },
  attemptsExhausted: { severity: 'blocking', icon: 'error', heading: 'Subtask failed', reason: '{problem}' },
  stageHeld: {
    severity: 'blocking',
    icon: 'debug-pause',
    heading: 'Work held',
    reason: '{step} failed after {tries} tries: {problem}',
  },
  signInNeeded: { severity: 'blocking', icon: 'account', heading: 'Sign-in needed', reason: '{problem}' },
  agentSignInNeeded: {
    severity: 'blocking',
    icon: 'account',
    heading: 'Agent not signed in',
    reason: '{agent} needs a sign-in: {problem}',
  },
  landingFailed: {
    severity: 'blocking',
    icon: 'git-pull-request-closed',
    heading: 'Landing failed',
    reason: '{problem}',
  },
  workToMerge: {
    severity: 'blocking',
    icon: 'git-pull-request',
    heading: 'Ready to merge',
    reason: '{branch} is completed',
  },
  checksChanged: {
    severity: 'blocking',
    icon: 'git-pull-request-new-changes',
    heading: 'Ready to merge, checks changed',
    reason: '{branch} is completed and changes files that its checks depend on: {files}',
  },
  issueClosed: {
    severity: 'warning',
    icon: 'issue-closed',
    heading: 'Closed in Beads',
    reason: '{issue} was closed in Beads before work on it started here. Remove the subtask or start it',
  },
  issueDeleted: {
    severity: 'warning',
    icon: 'issue-draft',
    heading: 'Deleted in Beads',
    reason: '{issue} was deleted in Beads. Remove the subtask, or start it to create the issue again',
  },
  permissionAsked: {
    severity: 'blocking',
    icon: 'question',
    heading: 'Permission requested',
    reason: '{request}, requested by {agent}',
  },
  questionAsked: {
    severity: 'blocking',
    icon: 'comment-discussion',
    heading: 'Question asked',
    reason: '{question} (asked by {agent})',
  },
  workToAllow: {
    severity: 'blocking',
    icon: 'shield',
    heading: 'Queued dispatch not allowed',
    reason: 'It came with this folder or from another window. Its agent starts here after you allow it',
  },
  dispatchNotStarted: {
    severity: 'blocking',
    icon: 'debug-disconnect',
    heading: 'Dispatch not started',
    reason: '{problem}',
  },
  agentRepeating: {
    severity: 'warning',
    icon: 'sync-ignored',
    heading: 'Agent stuck',
    reason: '{count} attempts ended with the same error: {problem}',
  },
  stageRepeating: {
    severity: 'warning',
    icon: 'debug-restart',
    heading: 'Failing repeatedly',
    reason: '{step} failed after {tries} tries, next try {next}: {problem}',
  },
  accountHeld: {
    severity: 'warning',
    icon: 'watch',
    heading: 'Limit reached',
    reason: '{agent} is held until {until}. Waiting: {count}. Reported: {problem}',
  },
  accountStopped: {
    severity: 'blocking',
    icon: 'debug-pause',
    heading: 'Agents held',
    reason: '{agent} is held until you resume it. Waiting: {count}. Reported: {problem}',
  },
  agentUnchanging: {
    severity: 'warning',
    icon: 'sync-ignored',
    heading: 'Agent stuck',
    reason: '{count} attempts changed nothing',
  },
  agentSilent: {
    severity: 'warning',
    icon: 'clock',
    heading: 'Agent stuck',
    reason: 'No output for {minutes} minutes',
  },
  budgetWarning: {
    severity: 'warning',
    icon: 'dashboard',
    heading: 'Budget nearly used up',
    reason: '{used} of {limit} used',
  },
} as const satisfies Readonly<Record<string, KindSpec>>;

export type AttentionKind = keyof typeof ATTENTION;

/** The best actions, each with its command. */
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
  signInAgent: { command: 'intercore.session.signIn', label: 'Sign In…' },
  signIn: { command: 'intercore.github.signIn', label: 'Sign In to GitHub' },
  merge: { command: 'intercore.subtask.merge', label: 'Merge Subtask…' },
  removeSubtask: { command: 'intercore.subtask.remove', label: 'Remove Subtask…' },
  startNow: { command: 'intercore.dispatch.startNow', label: 'Start Queued Dispatch Now' },
  resumeAccount: { command: 'intercore.account.resume', label: 'Resume Now' },
  allowRequest: { command: 'intercore.session.allow', label: 'Allow Once' },
  denyRequest: { command: 'intercore.session.deny', label: 'Deny with Reason…' },
  answerQuestion: { command: 'intercore.session.answer', label: 'Answer…' },
  output: { command: 'intercore.dispatch.showLog', label: 'Show Log' },
  subtaskOutput: { command: 'intercore.subtask.showLog', label: 'Show Log' },
  planningOutput: { command: 'intercore.task.showLog', label: 'Show Log' },
} as const satisfies Readonly<Record<string, { readonly command: CommandName; readonly label: string }>>;

export type AttentionAction = keyof typeof ATTENTION_ACTIONS;

/**
 * What the row of an item offers besides its action: `denial` where a request can be denied, `diff` where it has one,
 * `heldPlan` and `heldSubtask` where a held account blocks one.
 */
export const ATTENTION_OFFERS = ['denial', 'diff', 'heldPlan', 'heldSubtask'] as const;
export type AttentionOffer = (typeof ATTENTION_OFFERS)[number];

/** The ids of the item's subject: the arguments of its command. */
export interface AttentionIds {
  /** For a portfolio, the folder of its database. */
  readonly folder: string;
  readonly portfolioId?: string;
  readonly runId?: string;
  readonly dispatchId?: string;
  readonly projectId?: string;
  readonly taskId?: string;
  readonly subtaskId?: string;
  /** Of a request of the dispatch's agent. */
  readonly number?: number;
  /** For a held account, an agent kind that uses it. */
  readonly agentKind?: string;
}

/** The row that an item points to, with ids as in `action.args`. */
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
  /** Stable while the problem exists; unique among all folders. */
  readonly id: string;
  readonly kind: AttentionKind;
  readonly severity: AttentionSeverity;
  /** Absolute. */
  readonly folder: string;
  /** The subject: a run's goal, a task's or subtask's title, a dispatch's name, the folder. */
  readonly title: string;
  readonly heading: string;
  readonly reason: string;
  /** Values for the placeholders of the reason. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Unix seconds; null if the record has no time. */
  readonly since: number | null;
  readonly action: {
    readonly name: AttentionAction;
    readonly command: CommandName;
    readonly args: AttentionIds;
    readonly label: string;
  };
  readonly offers?: readonly AttentionOffer[];
  readonly place: AttentionTarget;
}
