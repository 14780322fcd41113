/** What the dispatcher takes from whoever composes it. */
import type { AgentKind } from '../../contract/agentKinds';
import { SETTINGS } from '../../contract/settings/settings';
import type { AccountHolds } from '../../host/state/accountHolds';
import type { Log } from '../../host/log';
import type { AtLimit } from '../../kernel/budget/model';
import type { BudgetLevel } from '../../kernel/budget/reservation/room';
import type { Disposable } from '../../kernel/emitter';
import type { Ports } from '../../kernel/ports';
import type { EnvironmentSource } from './start/environment';
import type { DispatchKernel } from './kernel';
import type { McpServerCommand } from './start/mcpServer';

/** Leave to record a dispatch, until disposed. */
export interface Admission extends Disposable {
  /** Budgets of another database that it must fit into, too. */
  readonly budgets?: readonly BudgetLevel[];
}

/** An agent kind with the sandbox that its dispatch will have, or `none`. */
export interface KindInForce {
  readonly kind: AgentKind;
  readonly sandbox: string;
}

export interface DispatcherDeps {
  /** Built-in kinds included. */
  readonly kinds: () => readonly AgentKind[];
  /** Prompts, logs and records go here, in a folder for each dispatch. Never inside a project. */
  readonly storageDir: string;
  /** Where other programs of this user keep theirs, known without any record: `ic`, and windows. */
  readonly otherStorage?: readonly string[];
  /** Brings `otherStorage` up to date, before agents that may be others' are adopted. */
  readonly findStorages?: () => Promise<void>;
  /** Lets this user's other programs know the storage, before anything is started from it. */
  readonly announceStorage?: (storage: string) => Promise<void>;
  /** The bundled launcher. */
  readonly launcherPath: string;
  readonly ports: Ports;
  readonly log: Log;
  /** Accounts that limits hold, on this machine; absent where limits hold none. */
  readonly accounts?: AccountHolds;
  /** Where it is counted what agents print in another form than we know; absent: nowhere. */
  readonly driftFolder?: string;
  /** Whether the workspace is trusted. */
  readonly canRun: () => boolean;
  /**
   * Asked before every start, and before a dispatch is queued: whether such an agent may run here, and whether the
   * caller may start it. Rejects with `AGENT_NOT_ALLOWED` or `AGENT_WIDER` where not.
   */
  readonly mayStart: (kernel: DispatchKernel, start: KindInForce) => Promise<void>;
  /** Where `ic` is, so that agents find it. */
  readonly icBinDir?: string;
  /** The server of the record that agents are told of; absent or undefined for none. */
  readonly mcpServer?: () => McpServerCommand | undefined;
  /** Dispatches at once in this window; 0 or absent for no limit. */
  readonly maxConcurrent?: () => number;
  /**
   * Asked before a dispatch for a run is recorded; throws where the run's portfolio allows no more. What it gives is
   * held until the dispatch is in the record, so that no other start counts in between.
   */
  readonly admit?: (kernel: DispatchKernel, runId: string) => Promise<Admission>;
  /** The budgets above a run that are kept in another database, as they stand now. */
  readonly outerBudgets?: (kernel: DispatchKernel, runId: string) => Promise<readonly BudgetLevel[]>;
  /** What budgets do at their limit in a project; `stop` where absent. */
  readonly atLimit?: (folder: string) => AtLimit;
  /** Whether the agents it starts are left to other programs at once, as by a command that ends; false where absent. */
  readonly leavesAgents?: boolean;
  /** Folders beside the project that agents may work in: worktrees. */
  readonly workFolders?: () => readonly string[];
  /** Beyond this many bytes the middle of a log is cut; 0 for no limit, 64 MB where absent. */
  readonly logLimitBytes?: () => number;
  /** Time between SIGTERM and SIGKILL; 5 s where absent. */
  readonly graceMs?: () => number;
  /** Asked at every start; our own variables where absent. */
  readonly environment?: () => Promise<EnvironmentSource>;
}

const DEFAULT_GRACE_MS = 5000;

const DEFAULT_LOG_LIMIT_BYTES = SETTINGS['intercore.dispatch.logLimitMB'].fallback * 1024 * 1024;

/** Every storage that files of a dispatch may be in. */
export function storagesOf({
  storageDir,
  otherStorage = [],
}: Pick<DispatcherDeps, 'storageDir' | 'otherStorage'>): readonly string[] {
  return [storageDir, ...otherStorage];
}

export function logLimitOf(deps: { readonly logLimitBytes?: (() => number) | undefined }): number {
  return deps.logLimitBytes?.() ?? DEFAULT_LOG_LIMIT_BYTES;
}

export function graceMsOf(deps: DispatcherDeps): number {
  return deps.graceMs?.() ?? DEFAULT_GRACE_MS;
}
