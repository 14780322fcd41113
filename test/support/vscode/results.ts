/** What came of one run of mocha, passed from the process that ran it to the one that adds up. */
import { readFileSync } from 'node:fs';

export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The whole, and each test file by its absolute path; what belongs to none stands under the empty path. */
export interface RunResults extends Results {
  readonly byFile: Readonly<Record<string, Results>>;
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
export function readResults(file: string): RunResults {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isRunResults(value)) return value;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  }
  return { passed: 0, failed: 1, skipped: 0, byFile: {} };
}

function isRunResults(value: unknown): value is RunResults {
  if (!isResults(value)) return false;
  const byFile: unknown = Reflect.get(value, 'byFile');
  return typeof byFile === 'object' && byFile !== null && Object.values(byFile).every(isResults);
}

function isResults(value: unknown): value is Results {
  if (typeof value !== 'object' || value === null) return false;
  return ['passed', 'failed', 'skipped'].every((key) => typeof Reflect.get(value, key) === 'number');
}

/** Adds up. */
export function sum(all: readonly Results[]): Results {
  const total = (key: keyof Results): number => all.reduce((count, results) => count + results[key], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}
