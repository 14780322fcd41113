/**
 * The settings, each with its schema, default and scope, written once. package.json and docs/reference.md
 * are checked against this table; the editor's values are read by `src/window/settings.ts` only.
 */
import * as z from 'zod';
import { AT_LIMIT } from '../kernel/budget/model';
import { GATE_TIERS } from '../kernel/gate/model';
import { agentKind, kindUsage } from './agentKinds';
import { variablePattern } from './variables';
import { COPY_MODES } from './results/worktrees';

/**
 * `resource`: may differ from folder to folder. `machine-overridable`: names places or command lines of this machine, and
 * a trusted workspace or folder may have its own. `machine`: no workspace may set it, trusted or not.
 */
export type SettingScope = 'resource' | 'window' | 'machine' | 'machine-overridable';

/**
 * What the value of a setting decides that a repository must not: a `program` is started as it is; a `commandLine` or a
 * `template` belongs to the project and is used in trusted folders; an `agentKind` is started once its command line is
 * allowed; a `place` is where files go; an `address` gets the token; a `policy` weakens a limit or a gate.
 */
export type SettingPower = 'program' | 'commandLine' | 'template' | 'agentKind' | 'place' | 'address' | 'policy';

export interface SettingSpec<T> {
  readonly schema: z.ZodType<T>;
  readonly fallback: T;
  readonly scope: SettingScope;
  /** Ignored where only an untrusted workspace sets it: it has a power. */
  readonly restricted: boolean;
  readonly power: SettingPower | undefined;
}

const setting = <T>(
  schema: z.ZodType<T>,
  fallback: NoInfer<T>,
  scope: SettingScope,
  power?: SettingPower,
): SettingSpec<T> => ({ schema, fallback, scope, restricted: power !== undefined, power });

/** A named phase chain offered when a run is created. */
const chains = z.record(z.string().min(1).max(60), z.array(z.string()).min(2).max(100));

/** On Windows too. */
const absoluteOrEmpty = z
  .string()
  .max(4096)
  .regex(/^$|^([A-Za-z]:)?[\\/]/, 'it must be an absolute path');

/** An agent kind; empty: the setting `intercore.agents.default`. */
const kindOrDefault = z.string().max(64);

/** An address as `gitHubAddress` understands it: one that a token may be sent to. */
const gitHubServer = z
  .string()
  .max(2000)
  .regex(/^$|^https:\/\/[^@\s]+$|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/, 'it must begin with https://');

/** One line of a `.gitignore`. */
const includePattern = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0\n]+$/, 'it must be one line');

/** A program with its arguments, never a shell line. */
const commandLine = z.tuple([z.string().min(1)], z.string());

export const SETTINGS = {
  /** What a red gate does: `hard` blocks, `soft` warns, `none` is not asked (`docs/design/formats.md#gates`). */
  'intercore.gates.tier': setting(z.enum(GATE_TIERS), 'hard', 'resource', 'policy'),
  'intercore.runs.chains': setting(
    chains,
    { Short: ['planned', 'executing', 'review', 'done'], Quick: ['executing', 'done'] },
    'resource',
  ),
  'intercore.agents.kinds': setting(z.array(agentKind), [], 'machine-overridable', 'agentKind'),
  'intercore.agents.default': setting(z.string().min(1).max(64), 'claude', 'resource', 'policy'),
  /** Variables and families of them (`AWS_*`) that every agent, check and set-up command gets. */
  'intercore.agents.passEnv': setting(z.array(variablePattern).max(100), [], 'machine', 'policy'),
  /** Whether agents of the built-in kinds are told of `ic mcp`, the server of their record. */
  'intercore.agents.useMcp': setting(z.boolean(), true, 'window'),
  /** Dispatches running at once in this window. */
  'intercore.dispatch.maxConcurrent': setting(z.int().min(1).max(64), 4, 'window'),
  /** After how many seconds without progress a step of git is ended; 0 for never. */
  'intercore.git.timeLimitSeconds': setting(z.int().min(0).max(86_400), 600, 'window'),
  /** What a budget does at its limit. */
  'intercore.budget.atLimit': setting(z.enum(AT_LIMIT), 'stop', 'resource', 'policy'),
  /** What is assumed and paid of agent kinds' usage, by their names. */
  'intercore.budget.kinds': setting(z.record(z.string().min(1).max(64), kindUsage), {}, 'window', 'policy'),
  /** 0: no limit. */
  'intercore.dispatch.timeLimitMinutes': setting(z.int().min(0).max(10_080), 120, 'resource'),
  /** Between asking an agent to stop and stopping it. */
  'intercore.dispatch.killGraceSeconds': setting(z.int().min(0).max(300), 10, 'window'),
  /** Beyond it the middle of a log is cut; 0: no limit. */
  'intercore.dispatch.logLimitMB': setting(z.int().min(0).max(65_536), 64, 'machine'),
  /** Where prompts and logs are kept; empty: the extension's own storage. */
  'intercore.storage.directory': setting(absoluteOrEmpty, '', 'machine-overridable', 'place'),
  /** Between two looks of a relay at the children of its portfolio. */
  'intercore.relay.intervalSeconds': setting(z.int().min(1).max(300), 2, 'window'),
  /** Whether terminals find `ic` on their PATH. */
  'intercore.terminal.addToPath': setting(z.boolean(), true, 'window'),
  'intercore.database.busyTimeoutMs': setting(z.int().min(100).max(60_000), 5_000, 'window'),
  /** An agent at work without output for this long needs a person; 0: never. */
  'intercore.attention.stuckMinutes': setting(z.int().min(0).max(1_440), 10, 'resource'),
  /** So do attempts, one after the other, with the same error or without a change; 0: never. */
  'intercore.attention.stuckAttempts': setting(z.int().min(0).max(50), 3, 'resource'),
  'intercore.tasks.planner': setting(kindOrDefault, '', 'resource', 'policy'),
  'intercore.tasks.worker': setting(kindOrDefault, '', 'resource', 'policy'),
  /** Attempts of a planner or a worker before a person is needed. */
  'intercore.tasks.maxAttempts': setting(z.int().min(1).max(50), 10, 'resource'),
  /** Of one attempt. */
  'intercore.tasks.timeLimitMinutes': setting(z.int().min(1).max(10_080), 60, 'resource'),
  /** Planners and workers of one folder at once. */
  'intercore.tasks.maxConcurrent': setting(z.int().min(1).max(16), 3, 'resource'),
  /** Run in the worktree before a subtask counts as completed. */
  'intercore.tasks.checks': setting(z.array(commandLine).max(20), [], 'machine-overridable', 'commandLine'),
  /** Ignored files of the clone that new worktrees get, besides those of `.worktreeinclude`: patterns of `.gitignore`. */
  'intercore.tasks.include': setting(z.array(includePattern).max(100), [], 'machine-overridable', 'policy'),
  /** How they get there. A link lets an agent write to the person's own files. */
  'intercore.tasks.includeBy': setting(z.enum(COPY_MODES), 'copy', 'machine-overridable', 'policy'),
  /** Run in a clean checkout of the commit, where the checks run then. */
  'intercore.tasks.setup': setting(z.array(commandLine).max(20), [], 'machine-overridable', 'commandLine'),
  /** How long the worktree of a subtask that failed stays; 0 for ever. */
  'intercore.tasks.failedCleanupMinutes': setting(z.int().min(0).max(525_600), 60, 'resource'),
  /** Ignored files that a snapshot of a worktree keeps, by their names. */
  'intercore.tasks.snapshotIgnoredFiles': setting(
    z.array(z.string().min(1).max(200)).max(50),
    ['.env', '.env.*'],
    'resource',
  ),
  /** Of all ignored files of one snapshot; 0 for none. */
  'intercore.tasks.snapshotIgnoredLimitKB': setting(z.int().min(0).max(1_048_576), 1024, 'resource'),
  /** What the agents of new tasks report to: `ic`, or `bd`. */
  'intercore.tasks.tracker': setting(z.enum(['native', 'beads']), 'native', 'resource', 'policy'),
  /** `bd`: a name that is searched on PATH, or an absolute path. No workspace names a program without consent. */
  'intercore.tasks.beadsPath': setting(z.string().min(1).max(4096), 'bd', 'machine', 'program'),
  /** Between two looks into Beads; 0: only when an agent has ended or the record has something to tell. */
  'intercore.tasks.beadsSyncSeconds': setting(z.int().min(0).max(3600), 30, 'resource'),
  /** The server that tokens are sent to; empty: the public GitHub. */
  'intercore.github.address': setting(gitHubServer, '', 'machine', 'address'),
  'intercore.github.draftPullRequests': setting(z.boolean(), false, 'resource'),
  /** Put on every pull request where the account may. */
  'intercore.github.labels': setting(z.array(z.string().min(1).max(50)).max(20), [], 'resource'),
  /** Whether a merge is recorded only once GitHub knows of it. */
  'intercore.github.verifyMerges': setting(z.enum(['require', 'warn', 'off']), 'warn', 'resource'),
  /** Between two looks at open pull requests; 0: none. */
  'intercore.github.lookMinutes': setting(z.int().min(0).max(1440), 5, 'resource'),
  /** Templates; empty: those of the extension. */
  'intercore.tasks.plannerPrompt': setting(absoluteOrEmpty, '', 'machine-overridable', 'template'),
  'intercore.tasks.workerPrompt': setting(absoluteOrEmpty, '', 'machine-overridable', 'template'),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<S extends SettingName> = (typeof SETTINGS)[S]['fallback'];

/** The section of all settings. */
export const SETTINGS_SECTION = 'intercore';
