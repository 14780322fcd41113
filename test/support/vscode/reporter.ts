/** Mocha's usual report, and the numbers in a file (option `resultsFile`) for the summary of all runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { NOTHING, RESULTS_OPTION, sum, type Results } from './results';

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const file: unknown = (options?.reporterOptions as Record<string, unknown> | undefined)?.[RESULTS_OPTION];
    if (typeof file !== 'string') return;
    let results = NOTHING;
    const count = (one: Partial<Results>): void => {
      results = sum([results, { ...NOTHING, ...one }]);
    };
    runner.on('pass', () => count({ passed: 1 }));
    runner.on('fail', (test, error: unknown) => count({ failed: 1, failures: [failureLine(test.fullTitle(), error)] }));
    runner.on('pending', () => count({ skipped: 1 }));
    runner.once('end', () => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(results));
    });
  }
}

function failureLine(title: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `${title}: ${why.split('\n', 1)[0] ?? ''}`;
}

export = CountingReporter;
