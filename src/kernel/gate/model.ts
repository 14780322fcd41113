/**
 * Gates: conditions on going from one phase to the next, and the evidence they leave (`docs/design/formats.md#gates`).
 */
import type { KernelError } from '../errors/errors';
import type { RunId } from '../ids';
import type { RunStatus } from '../run/record/model';

export const GATE_TIERS = ['hard', 'soft', 'none'] as const;
/** `hard` blocks, `soft` records a failure and lets the run pass, `none` evaluates nothing. */
export type GateTier = (typeof GATE_TIERS)[number];

export const GATE_RESULTS = ['pass', 'fail', 'none'] as const;
export type GateResult = (typeof GATE_RESULTS)[number];

export const GATE_CHECKS = [
  'artifact_exists',
  'agents_complete',
  'verdict_exists',
  'children_at_phase',
  'upstreams_at_phase',
  'plan_accepted',
  'subtasks_merged',
] as const;
export type GateCheck = (typeof GATE_CHECKS)[number];

/** One rule: a check and, where the check asks for it, the phase it looks at. */
export interface GateRule {
  readonly check: GateCheck;
  readonly phase?: string;
}

/** Where another run stands, as far as gates ask. */
export interface PhaseStanding {
  readonly projectDir: string;
  readonly status: RunStatus;
  readonly phase: string;
  readonly phases: readonly string[];
  /** Why the database that decides where it stands cannot be read; the rest is then what was known last. */
  readonly problem?: string;
}

/** Runs whose own database cannot be read, with the reason: children of a portfolio, whose rows there may be old. */
export type UnreadableRuns = ReadonlyMap<RunId, KernelError>;

/**
 * The upstream projects of a child whose portfolio lives in another database (`docs/design/portfolios.md`). The caller
 * reads them there, one standing for each upstream project, and tells when it could not.
 */
export type UpstreamStandings =
  | { readonly kind: 'known'; readonly standings: readonly PhaseStanding[] }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** A project that has not reached a condition's phase, in the key order in which it is stored. */
export interface ProjectBehind {
  readonly project: string;
  /** Where it stands, or stood last. */
  readonly phase: string;
  readonly status: RunStatus;
  /** Why its database cannot be read. */
  readonly problem?: string;
}

/** One row of evidence, in the key order in which it is stored (`docs/design/formats.md#evidence`). */
export interface GateConditionResult {
  readonly check: GateCheck;
  readonly phase?: string;
  readonly result: 'pass' | 'fail';
  readonly count?: number;
  readonly detail?: string;
  /** The children or upstream projects that fail the condition, each by name. */
  readonly behind?: readonly ProjectBehind[];
}

export interface GateReport {
  readonly runId: RunId;
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly tier: GateTier;
  readonly result: GateResult;
  readonly conditions: readonly GateConditionResult[];
}

export interface OverrideOutcome {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly reason: string;
  readonly completed: boolean;
}

/** A row of the rules listing. */
export interface TransitionRules {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly rules: readonly GateRule[];
}

export interface AdvanceOptions {
  readonly tier: GateTier;
  /** Goes into the event, and passes a run that does not advance by itself; never a gate. */
  readonly skipReason?: string;
  /** For a child whose portfolio is in another database. */
  readonly upstreams?: UpstreamStandings;
  /** Children of the same portfolio whose rows here could not be brought up to date. */
  readonly unreadable?: UnreadableRuns;
}

/** `blocked` and `paused` are outcomes, not failures: the run stays where it was and the event says why. */
export interface AdvanceOutcome {
  readonly advanced: boolean;
  readonly eventType: 'advance' | 'pause' | 'block';
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly gateResult: GateResult;
  readonly gateTier: GateTier;
  /** What the event row holds: evidence JSON, a reason, or both joined by ` | `. */
  readonly reason: string;
  readonly conditions: readonly GateConditionResult[];
  readonly completed: boolean;
}
