/**
 * What `activate` returns (`docs/design/editor.md`): the operations of the record for other extensions. Commands are
 * pickers over the same operations, so names, arguments, outcomes and error codes agree. Arguments are parsed, results
 * are plain JSON.
 *
 * Every operation rejects with an error whose `code` is one of `ErrorCode`: `INVALID_ARGUMENT` for arguments that do not
 * parse, `NOT_FOUND` for ids that are not in the folder, `UNTRUSTED` for changes in an untrusted window, and what the
 * kernel's operation documents. Nothing is changed then.
 */
import * as z from 'zod';
import type { BudgetStatus } from '../../kernel/budget/model';
import type { SignedWrite } from '../../kernel/callers/model';
import { DISPATCH_STATUSES, type Dispatch, type DispatchList } from '../../kernel/dispatch/model';
import type { ErrorCode } from '../../kernel/errors/errors';
import type { KernelEvent } from '../../kernel/events/model';
import type { OverrideRequest } from '../../kernel/gate/asking';
import type { GateReport, OverrideOutcome, TransitionRules } from '../../kernel/gate/model';
import type { QueuedDispatch, QueueList } from '../../kernel/queue/model';
import {
  RUN_STATUSES,
  createRunInput,
  setRunInput,
  type AdvanceOutcome,
  type CancelOutcome,
  type PhaseEvent,
  type RollbackOutcome,
  type Run,
  type RunList,
  type SkipOutcome,
} from '../../kernel/run/model';
import {
  AGENT_STATUSES,
  addAgentInput,
  addArtifactInput,
  type Agent,
  type Artifact,
} from '../../kernel/tracking/model';
import { DOCTOR_OPERATIONS, type DoctorResults } from './doctor';
import { BUDGET_OPERATIONS, costUsd, type BudgetResults } from './budgets';
import { ATTENTION_OPERATIONS, type AttentionResults } from './attention';
import { PORTFOLIO_OPERATIONS, type PortfolioResults } from './portfolios';
import { TASK_OPERATIONS, type TaskResults } from './tasks';
import { WORKTREE_OPERATIONS, type WorktreeResults } from './worktrees';

/** Absolute path of an open workspace folder. May be left out where one folder is open, or where an id tells. */
const folder = z.string().min(1).optional();
const id = z.string().min(1).max(128);
const phase = z.string().min(1).max(200);
const reason = z
  .string()
  .max(10_000)
  .refine((text) => text.trim().length > 0, 'it must not be empty');
const ofRun = { folder, runId: id };
const ofDispatch = { folder, dispatchId: id };

/** Longest prompt taken as text; longer ones belong in a file. */
export const MAX_PROMPT_LENGTH = 1_000_000;

/** Exactly one of `prompt` and `promptFile`. `kind` left out: the setting `intercore.agents.default`. */
const startArgs = z.strictObject({
  folder,
  kind: z.string().min(1).max(64).optional(),
  prompt: z.string().min(1).max(MAX_PROMPT_LENGTH).optional(),
  promptFile: z.string().min(1).optional(),
  runId: id.optional(),
  name: z.string().min(1).max(200).optional(),
  model: z.string().min(1).max(200).optional(),
  timeLimitMinutes: z.int().min(0).max(10_080).optional(),
  /** Its own budget, which it reserves whole and ends at. */
  tokenBudget: z.int().positive().optional(),
  costBudgetUsd: costUsd.optional(),
});

/** Which rows of a long list. */
const page = { from: z.int().min(0).optional(), limit: z.int().min(1).max(10_000).optional() };

/** The arguments of every operation. Unknown fields are refused, so that a misspelt one is noticed. */
export const OPERATIONS = {
  'database.initialize': z.strictObject({ folder }),
  'database.reload': z.strictObject({ folder }),
  'database.remove': z.strictObject({ folder }),
  'runs.create': createRunInput
    .pick({ goal: true, phases: true, complexity: true, tokenBudget: true, budgetWarnPct: true, autoAdvance: true })
    .extend({ folder }),
  /** Newest first. `from`: how many come before; `limit` left out: 1000. The result says whether there are more. */
  'runs.list': z.strictObject({ folder, status: z.enum(RUN_STATUSES).optional(), ...page }),
  'runs.current': z.strictObject({ folder }),
  'runs.get': z.strictObject(ofRun),
  'runs.advance': z.strictObject({ ...ofRun, skipReason: reason.optional() }),
  'runs.skip': z.strictObject({ ...ofRun, phase, reason }),
  'runs.planRollback': z.strictObject({ ...ofRun, toPhase: phase }),
  'runs.rollback': z.strictObject({ ...ofRun, toPhase: phase, reason: reason.optional() }),
  'runs.cancel': z.strictObject(ofRun),
  'runs.set': setRunInput.extend(ofRun),
  'runs.events': z.strictObject(ofRun),
  'runs.budget': z.strictObject(ofRun),
  'gates.check': z.strictObject(ofRun),
  'gates.override': z.strictObject({ ...ofRun, reason }),
  /** Asks a person for it; what waits for a person shows it until the run moves. */
  'gates.askOverride': z.strictObject({ ...ofRun, reason }),
  'gates.rules': z.strictObject({ fromPhase: phase.optional() }),
  'artifacts.list': z.strictObject({ ...ofRun, phase: phase.optional() }),
  /** `phase` left out: the run's current one. Paths are absolute or relative to the folder, and inside it. */
  'artifacts.add': z.strictObject({
    ...ofRun,
    paths: z.array(addArtifactInput.shape.path).min(1).max(1000),
    phase: phase.optional(),
    type: addArtifactInput.shape.type,
  }),
  'agents.list': z.strictObject(ofRun),
  'agents.add': addAgentInput.extend(ofRun),
  'agents.update': z.strictObject({ folder, agentId: id, status: z.enum(AGENT_STATUSES) }),
  /** Newest first, a page as `runs.list`. */
  'dispatches.list': z.strictObject({
    folder,
    runId: id.optional(),
    active: z.boolean().optional(),
    status: z.enum(DISPATCH_STATUSES).optional(),
    ...page,
  }),
  'dispatches.get': z.strictObject(ofDispatch),
  'dispatches.start': startArgs,
  /** As `dispatches.start`, for a start that a limit refuses: it starts by itself as soon as the limits let it. */
  'dispatches.queue': startArgs,
  'dispatches.queued': z.strictObject({ folder }),
  /** Starts a queued dispatch out of its turn; limits hold all the same. */
  'dispatches.startQueued': z.strictObject(ofDispatch),
  'dispatches.unqueue': z.strictObject(ofDispatch),
  'dispatches.kill': z.strictObject({ ...ofDispatch, reason: reason.optional() }),
  'dispatches.wait': z.strictObject(ofDispatch),
  'dispatches.logFile': z.strictObject(ofDispatch),
  /** Lines are numbered from 1. `limit` left out: 1000. */
  'dispatches.log': z.strictObject({
    ...ofDispatch,
    fromLine: z.int().min(1).optional(),
    limit: z.int().min(1).max(10_000).optional(),
  }),
  /** `limit` left out: 1000. As many events as `limit` means that more may follow: ask again with `since`. */
  'events.list': z.strictObject({
    folder,
    runId: id.optional(),
    limit: z.int().min(1).max(100_000).optional(),
    since: z
      .strictObject({
        phase: z.int().min(0),
        dispatch: z.int().min(0),
        interspect: z.int().min(0),
        discovery: z.int().min(0),
      })
      .optional(),
  }),
  /** Starts programs that are asked for their versions, in trusted windows only; changes nothing. */
  ...DOCTOR_OPERATIONS,
  ...ATTENTION_OPERATIONS,
  /** Who changed the record by which operation. `limit` left out: 1000. */
  'events.writes': z.strictObject({
    folder,
    runId: id.optional(),
    limit: z.int().min(1).max(100_000).optional(),
  }),
  ...BUDGET_OPERATIONS,
  ...PORTFOLIO_OPERATIONS,
  ...TASK_OPERATIONS,
  ...WORKTREE_OPERATIONS,
} as const;

export type OperationName = keyof typeof OPERATIONS;
export type OperationInput<N extends OperationName> = z.input<(typeof OPERATIONS)[N]>;
export type OperationArgs<N extends OperationName> = z.output<(typeof OPERATIONS)[N]>;

/** A workspace folder and how its database stands. */
export interface FolderInfo {
  readonly folder: string;
  readonly database: string;
  readonly state: 'missing' | 'loading' | 'ready' | 'readOnly' | 'failed';
  /** Why it cannot be written or read. */
  readonly problem: { readonly code: ErrorCode; readonly message: string } | null;
  readonly generation: number;
}

/** One commit, or one reload after another process changed the file (then the id lists are empty: anything may differ). */
export interface RecordChange {
  readonly folder: string;
  readonly generation: number;
  readonly origin: 'commit' | 'file';
  readonly runs: readonly string[];
  readonly dispatches: readonly string[];
}

/** What each operation resolves with. */
export interface OperationResults
  extends BudgetResults, AttentionResults, DoctorResults, PortfolioResults, TaskResults, WorktreeResults {
  'database.initialize': FolderInfo;
  'database.reload': FolderInfo;
  /** The files that are gone, absolute. */
  'database.remove': readonly string[];
  'runs.create': Run;
  'runs.list': RunList & MoreRows;
  'runs.current': Run | null;
  'runs.get': Run;
  'runs.advance': AdvanceOutcome;
  'runs.skip': SkipOutcome;
  'runs.planRollback': RollbackPlan;
  'runs.rollback': RollbackOutcome;
  'runs.cancel': CancelOutcome;
  'runs.set': Run;
  'runs.events': readonly PhaseEvent[];
  'runs.budget': BudgetStatus | null;
  'gates.check': GateReport;
  'gates.override': OverrideOutcome;
  'gates.askOverride': OverrideRequest;
  'gates.rules': readonly TransitionRules[];
  'artifacts.list': readonly Artifact[];
  'artifacts.add': readonly Artifact[];
  'agents.list': readonly Agent[];
  'agents.add': Agent;
  'agents.update': Agent;
  'dispatches.list': DispatchList & MoreRows;
  'dispatches.get': Dispatch;
  'dispatches.start': Dispatch;
  /** It has the id that the dispatch will have. */
  'dispatches.queue': QueuedDispatch;
  /** First in line first. */
  'dispatches.queued': QueueList;
  'dispatches.startQueued': Dispatch;
  /** The id that is in the queue no more. */
  'dispatches.unqueue': string;
  'dispatches.kill': Dispatch;
  'dispatches.wait': Dispatch;
  'dispatches.logFile': string | null;
  'dispatches.log': LogLines;
  'events.list': readonly KernelEvent[];
  /** Newest first. */
  'events.writes': readonly SignedWrite[];
}

/** Of a page of a long list. */
export interface MoreRows {
  /** `from` of the next page; null where this page is the last. */
  readonly nextFrom: number | null;
}

/** A part of an agent's log, as people read it. */
export interface LogLines {
  readonly lines: readonly string[];
  /** Reading on from here misses no line and gives none twice. */
  readonly nextLine: number;
  /** The agent has ended, and there is nothing after these. */
  readonly isComplete: boolean;
  /** Files of the dispatch that were changed after they were left; empty where they are as they were. */
  readonly altered: readonly AlteredFile[];
}

/** `exit`: the record of how the agent ended, without which the log cannot be verified. */
export type AlteredFile = 'prompt' | 'log' | 'exit';

/** What a rollback would do. */
export interface RollbackPlan {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly rolledBackPhases: readonly string[];
}

export type Operation<N extends OperationName> = (args: OperationInput<N>) => Promise<OperationResults[N]>;

type Group<G extends string> = {
  readonly [N in OperationName as N extends `${G}.${infer Verb}` ? Verb : never]: Operation<N>;
};

/** Version 1 only ever grows; a change that breaks a caller makes version 2. */
export interface IntercoreApi {
  readonly version: 1;
  /** The open folders on disk, in workspace order. */
  folders(): readonly FolderInfo[];
  readonly database: Group<'database'>;
  readonly doctor: Group<'doctor'>;
  readonly runs: Group<'runs'>;
  readonly gates: Group<'gates'>;
  readonly artifacts: Group<'artifacts'>;
  readonly agents: Group<'agents'>;
  readonly dispatches: Group<'dispatches'>;
  readonly events: Group<'events'>;
  readonly budgets: Group<'budgets'>;
  readonly attention: Group<'attention'>;
  readonly portfolios: Group<'portfolios'>;
  readonly projects: Group<'projects'>;
  readonly tasks: Group<'tasks'>;
  readonly subtasks: Group<'subtasks'>;
  readonly worktrees: Group<'worktrees'>;
  onDidChange(listener: (change: RecordChange) => void): { dispose(): void };
}
