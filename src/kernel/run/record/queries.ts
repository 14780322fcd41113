/** Finding runs (`docs/design/formats.md#runs`). */
import { KernelError } from '../../errors/errors';
import type { Reader } from '../../unit';
import type { PhaseEvent, Run, RunFilter, RunList, RunStatus } from './model';
import * as store from './store';

/** @throws KernelError `ROW_INVALID` */
export function findRun(r: Reader, id: string): Run | undefined {
  return store.selectRun(r, id);
}

/** @throws KernelError `NOT_FOUND`, `ROW_INVALID` */
export function getRun(r: Reader, id: string): Run {
  const run = store.selectRun(r, id);
  if (run === undefined) throw new KernelError('NOT_FOUND', { what: 'run', id });
  return run;
}

/** The newest active run of exactly this project directory. Throws `ROW_INVALID`. */
export function currentRun(r: Reader, projectDir: string): Run | undefined {
  return store.selectCurrent(r, projectDir);
}

/** Newest first; unreadable rows are listed separately (Q21). */
export function listRuns(r: Reader, filter: RunFilter = {}): RunList {
  return store.selectRuns(r, filter);
}

/** Whether there is any run, or one with a status, readable or not. */
export function hasRuns(r: Reader, status?: RunStatus): boolean {
  return store.hasRuns(r, status);
}

/** The named runs that exist, in no order: for a page of a long list. */
export function findRuns(r: Reader, ids: readonly string[]): RunList {
  return store.selectRunsAmong(r, ids);
}

/** Ids of the newest active runs, readable or not: of one project directory, or of all. */
export function newestActiveRuns(r: Reader, projectDir: string | undefined, limit: number): readonly string[] {
  return store.selectActiveIds(r, projectDir, limit);
}

/** Runs as a list of pages. */
export const RUN_PAGES = store.RUN_PAGES;

/** Oldest first; empty for an unknown run. Throws `ROW_INVALID`. */
export function phaseEvents(r: Reader, runId: string): PhaseEvent[] {
  return store.selectPhaseEvents(r, runId);
}

/** Ids of the events of a run, oldest first: for long lists. */
export function phaseEventIds(r: Reader, runId: string): readonly number[] {
  return store.selectPhaseEventIds(r, runId);
}

/** The named events that exist, oldest first. */
export function phaseEventsAmong(r: Reader, ids: readonly number[]): PhaseEvent[] {
  return store.selectPhaseEventsAmong(r, ids);
}

/** At most `limit` of them from index `from`, newest first: for long lists. Throws `ROW_INVALID`. */
export function newestPhaseEvents(r: Reader, runId: string, from: number, limit: number): PhaseEvent[] {
  return store.selectNewestPhaseEvents(r, runId, from, limit);
}

export function countPhaseEvents(r: Reader, runId: string): number {
  return store.countPhaseEvents(r, runId);
}

/** Phases that the run has been in, according to its events. */
export function enteredPhases(r: Reader, runId: string): ReadonlySet<string> {
  return store.selectEntered(r, runId);
}

/**
 * Phases that advancing skips. Marks are never removed, even by a rollback
 * (`docs/design/formats.md#skipping-and-rolling-back`).
 */
export function skippedPhases(r: Reader, runId: string): ReadonlySet<string> {
  return store.selectSkipped(r, runId);
}
