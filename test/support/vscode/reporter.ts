/** Mocha's usual report, and the numbers in a file (option `resultsFile`) for the summary of all runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { RESULTS_OPTION, sum, type Results, type RunResults } from './results';

const ONE = {
  pass: { passed: 1, failed: 0, skipped: 0 },
  fail: { passed: 0, failed: 1, skipped: 0 },
  pending: { passed: 0, failed: 0, skipped: 1 },
} as const;

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const file: unknown = (options?.reporterOptions as Record<string, unknown> | undefined)?.[RESULTS_OPTION];
    if (typeof file !== 'string') return;
    const byFile: Record<string, Results> = {};
    const count = (test: Mocha.Runnable, one: Results): void => {
      const known = byFile[test.file ?? ''];
      byFile[test.file ?? ''] = known === undefined ? one : sum([known, one]);
    };
    runner.on('pass', (test) => count(test, ONE.pass));
    runner.on('fail', (test) => count(test, ONE.fail));
    runner.on('pending', (test) => count(test, ONE.pending));
    runner.once('end', () => {
      const results: RunResults = { ...sum(Object.values(byFile)), byFile };
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(results));
    });
  }
}

export = CountingReporter;
