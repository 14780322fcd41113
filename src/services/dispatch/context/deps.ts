/** The dependencies of the dispatcher. */
import type { AgentKind } from '../../../contract/agentKinds';
import type { PermissionPolicy, PermissionRule } from '../../../contract/permissions/model';
import { SETTINGS } from '../../../contract/settings/settings';
import type { AccountHolds } from '../../../host/state/accountHolds';
import type { Log } from '../../../host/log';
import type { AtLimit } from '../../../kernel/budget/model';
import type { BudgetLevel } from '../../../kernel/budget/reservation/room';
import type { Disposable } from '../../../kernel/emitter';
import type { Ports } from '../../../kernel/ports';
import type { EnvironmentSource } from './environment';
import type { DispatchKernel } from '../../record/dispatchKernel';
import type { McpServerCommand } from './mcpServer';

/** Permission to record a dispatch, until disposed. */
export interface Admission extends Disposable {
  /** Budgets in another database that also limit it. */
  readonly budgets?: readonly BudgetLevel[];
}

/** An agent kind with the sandbox of its dispatch, or `none`. */
export interface KindInForce {
  readonly kind: AgentKind;
  readonly sandbox: string;
}

/** How requests of agents in sessions are answered. */
export interface Permissions {
  readonly policy: PermissionPolicy;
  readonly rules: readonly PermissionRule[];
  /** The checks that Intercore runs in worktrees of a folder's tasks. */
  readonly checks?: (folder: string) => readonly (readonly string[])[];
}

export interface DispatcherDeps {
  /** Built-in kinds included. */
  readonly kinds: () => readonly AgentKind[];
  /** The folder for prompts, logs and exit records, with a subfolder for each dispatch. Never inside a project. */
  readonly storageDir: string;
  /** The storage folders of this user's other programs (`ic` and windows), known without a record. */
  readonly otherStorage?: readonly string[];
  /** Updates `otherStorage` before agents of other programs are adopted. */
  readonly findStorages?: () => Promise<void>;
  /** Announces the storage to this user's other programs before anything is started from it. */
  readonly announceStorage?: (storage: string) => Promise<void>;
  /** The bundled launcher. */
  readonly launcherPath: string;
  /** The bundled session host; defaults to the one next to the launcher. */
  readonly sessionHostPath?: string;
  /** What agents in sessions may do without a person; defaults to `freeInside` without rules. */
  readonly permissions?: () => Permissions;
  /** Whether Intercore chose the kind for the folder now; absent where that is not known. */
  readonly isDefault?: (folder: string, kind: string) => boolean;
  readonly ports: Ports;
  readonly log: Log;
  /** Held accounts on this machine; absent if limits are not tracked. */
  readonly accounts?: AccountHolds;
  /** Counts unknown fields in agents' output; absent: not counted. */
  readonly driftFolder?: string;
  /** Whether the workspace is trusted. */
  readonly canRun: () => boolean;
  /**
   * Called before every start, and before a dispatch is queued. Rejects with `AGENT_NOT_ALLOWED` or `AGENT_WIDER` if
   * such an agent must not run here, or the caller must not start it.
   */
  readonly mayStart: (kernel: DispatchKernel, start: KindInForce) => Promise<void>;
  /** The folder of `ic`, for agents' PATH. */
  readonly icBinDir?: string;
  /** The MCP server that agents get for the record; absent or undefined for none. */
  readonly mcpServer?: () => McpServerCommand | undefined;
  /** The maximum of concurrent dispatches in this window; 0 or absent for no limit. */
  readonly maxConcurrent?: () => number;
  /**
   * Called before a dispatch for a run is recorded; throws if the run's portfolio allows no more. The result is held
   * until the dispatch is in the record, so that no other start counts in between.
   */
  readonly admit?: (kernel: DispatchKernel, runId: string) => Promise<Admission>;
  /** The budgets above a run that are in another database, as of now. */
  readonly outerBudgets?: (kernel: DispatchKernel, runId: string) => Promise<readonly BudgetLevel[]>;
  /** What happens in a project at a budget's limit; defaults to `stop`. */
  readonly atLimit?: (folder: string) => AtLimit;
  /** Whether other programs follow the agents that it starts, as for a command that exits; defaults to false. */
  readonly leavesAgents?: boolean;
  /** Folders outside the project where agents may run: worktrees. */
  readonly workFolders?: () => readonly string[];
  /** Beyond this many bytes the middle of a log is cut; 0 for no limit, defaults to 64 MB. */
  readonly logLimitBytes?: () => number;
  /** Time between SIGTERM and SIGKILL; defaults to 5 s. */
  readonly graceMs?: () => number;
  /** Read at every start; defaults to our own variables. */
  readonly environment?: () => Promise<EnvironmentSource>;
}

const DEFAULT_GRACE_MS = 5000;

const DEFAULT_LOG_LIMIT_BYTES = SETTINGS['intercore.dispatch.logLimitMB'].fallback * 1024 * 1024;

/** All storage folders that may hold files of a dispatch. */
export function storagesOf({
  storageDir,
  otherStorage = [],
}: Pick<DispatcherDeps, 'storageDir' | 'otherStorage'>): readonly string[] {
  return [storageDir, ...otherStorage];
}

export function logLimitOf(deps: { readonly logLimitBytes?: (() => number) | undefined }): number {
  return deps.logLimitBytes?.() ?? DEFAULT_LOG_LIMIT_BYTES;
}

export function graceMsOf(deps: Pick<DispatcherDeps, 'graceMs'>): number {
  return deps.graceMs?.() ?? DEFAULT_GRACE_MS;
}
