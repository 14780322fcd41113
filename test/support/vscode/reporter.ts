/** Mocha's usual report, and the numbers in a file (option `resultsFile`) for the summary of all runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { RESULTS_OPTION, type Results } from './results';

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const file: unknown = (options?.reporterOptions as Record<string, unknown> | undefined)?.[RESULTS_OPTION];
    if (typeof file !== 'string') return;
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const results: Results = { passed: passes, failed: failures, skipped: pending };
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(results));
    });
  }
}

export = CountingReporter;
