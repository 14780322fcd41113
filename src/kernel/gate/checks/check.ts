/** Checks of gates: their interface, and the context they are evaluated in. */
import type { KernelError } from '../../errors/errors';
import type { RunId } from '../../ids';
import type { Run, RunStatus } from '../../run/record/model';
import type { TaskGateFacts } from '../../tasks/record/taskGateFacts';
import type { Reader } from '../../unit';

/** `read` gathers the facts of the check; `judge` is pure and evaluates them. */
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

/** The caller's facts from other databases. */
export interface OutsideFacts {
  /** The states of the upstream projects, for a child whose portfolio is in another database. */
  readonly upstreams?: UpstreamRuns;
  /** Runs whose rows in this database are outdated mirrors. */
  readonly unreadable?: UnreadableRuns;
  /** The states of a portfolio's children that replace their rows, to evaluate a hypothetical case. */
  readonly children?: readonly OtherRun[];
  /** Facts of the run that were read together with those of others. */
  readonly facts?: GateFacts;
}

/** The facts of a run that gates check most often. */
export interface GateFacts {
  readonly skipped: ReadonlySet<string>;
  readonly isOfTask: boolean;
  /** Active artifacts by phase. */
  readonly artifacts: ReadonlyMap<string, number>;
}

/** The run to check, and its surrounding facts. */
export interface Question extends OutsideFacts {
  readonly r: Reader;
  readonly run: Run;
  /** Undefined for a run that belongs to no task. */
  readonly task: TaskGateFacts | undefined;
}

/** The state of another run, as far as gates need it. */
export interface OtherRun {
  readonly projectDir: string;
  readonly status: RunStatus;
  readonly phase: string;
  readonly phases: readonly string[];
  /** Why the database that decides its state cannot be read; the rest is then the last known state. */
  readonly problem?: string;
}

/**
 * Runs whose own database cannot be read, with the reason: children of a portfolio whose rows there may be outdated.
 */
export type UnreadableRuns = ReadonlyMap<RunId, KernelError>;

/**
 * The upstream projects of a child whose portfolio is in another database (`docs/design/portfolios.md`). The caller
 * reads one state for each upstream project there, or passes why it could not.
 */
export type UpstreamRuns =
  | { readonly kind: 'known'; readonly states: readonly OtherRun[] }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** A project that has not reached the phase of a condition. Its keys are in the stored order. */
export interface ProjectBehind {
  readonly project: string;
  /** Its phase, or its last known phase. */
  readonly phase: string;
  readonly status: RunStatus;
  /** Why its database cannot be read. */
  readonly problem?: string;
}
