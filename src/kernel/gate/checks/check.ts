/** What a check of a gate is, and what it may be asked with. */
import type { KernelError } from '../../errors/errors';
import type { RunId } from '../../ids';
import type { Run, RunStatus } from '../../run/record/model';
import type { TaskGateFacts } from '../../tasks/record/taskStanding';
import type { Reader } from '../../unit';

/** `read` gathers what the check asks about; `judge` is pure, and says what that comes to. */
export interface Check<Facts> {
  readonly read: (question: Question, phase: string) => Facts;
  readonly judge: (facts: Facts, phase: string) => Verdict;
}

export interface Verdict {
  readonly result: 'pass' | 'fail';
  readonly count?: number;
  readonly detail?: string;
  /** The children or upstream projects that fail the condition, each by name. */
  readonly behind?: readonly ProjectBehind[];
}

export function verdict(passes: boolean, count: number | undefined, detail: string): Verdict {
  const counted = count === undefined ? {} : { count };
  return passes ? { result: 'pass', ...counted } : { result: 'fail', ...counted, detail };
}

/** What the caller knows of other databases. */
export interface OutsideFacts {
  /** Where the upstream projects stand, for a child whose portfolio is elsewhere. */
  readonly upstreams?: UpstreamRuns;
  /** Runs of this database whose rows are mirrors that could not be brought up to date. */
  readonly unreadable?: UnreadableRuns;
  /** Where a portfolio's children stand, instead of what their rows say: for asking what would be. */
  readonly children?: readonly OtherRun[];
  /** What was read of the run with others. */
  readonly facts?: GateFacts;
}

/** Facts of a run's own that gates ask about most. */
export interface GateFacts {
  readonly skipped: ReadonlySet<string>;
  readonly isOfTask: boolean;
  /** Active artifacts by phase. */
  readonly artifacts: ReadonlyMap<string, number>;
}

/** Which run is asked about, and where. */
export interface Question extends OutsideFacts {
  readonly r: Reader;
  readonly run: Run;
  /** Undefined for a run that belongs to no task. */
  readonly task: TaskGateFacts | undefined;
}

/** Where another run stands, as far as gates ask. */
export interface OtherRun {
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
export type UpstreamRuns =
  | { readonly kind: 'known'; readonly states: readonly OtherRun[] }
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
