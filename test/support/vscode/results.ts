/** What came of one run of mocha, passed from the process that ran it to the one that adds up. */
import { readFileSync } from 'node:fs';

export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** A line for each failed test: its whole title, and the first line of why. */
  readonly failures: readonly string[];
}

/** Environment variables and the mocha option that carry a run's selection and where its results go. */
export const RESULTS_OPTION = 'resultsFile';
export const ENV = {
  suite: 'INTERCORE_TEST_SUITE',
  files: 'INTERCORE_TEST_FILE',
  grep: 'INTERCORE_TEST_GREP',
  results: 'INTERCORE_TEST_RESULTS',
} as const;

/**
 * Reads results. A run that wrote none, or something else, broke before its end: it counts as one failed test, so it
 * can never pass unseen.
 */
export function readResults(file: string): Results {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isResults(value)) return value;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  }
  return BROKEN;
}

/** What a run counts as that has not started. */
export const NOTHING: Results = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** What a run counts as that broke before it could count. */
export const BROKEN: Results = { passed: 0, failed: 1, skipped: 0, failures: ['it ended before it could count'] };

function isResults(value: unknown): value is Results {
  if (typeof value !== 'object' || value === null) return false;
  const failures: unknown = Reflect.get(value, 'failures');
  return (
    ['passed', 'failed', 'skipped'].every((key) => typeof Reflect.get(value, key) === 'number') &&
    Array.isArray(failures) &&
    failures.every((line) => typeof line === 'string')
  );
}

/** Adds up. */
export function sum(all: readonly Results[]): Results {
  const total = (key: 'passed' | 'failed' | 'skipped'): number =>
    all.reduce((count, results) => count + results[key], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    failures: all.flatMap((results) => results.failures),
  };
}
