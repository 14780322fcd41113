/** What came of each step, and the lines at the end of a run. */
import { sum, type Results } from '../../test/support/vscode/results';

export type Outcome =
  | { readonly kind: 'tested'; readonly results: Results; readonly secondTries?: readonly string[] }
  | { readonly kind: 'checked'; readonly isGood: boolean }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken' };

export interface Finished {
  readonly title: string;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/**
 * Prints a line for each step and, alone on the last line, `N passed, N failed`: the sum of all tests, where a test
 * step that broke before it could count is one failed test. Returns whether everything is good.
 */
export function printSummary(finished: readonly Finished[]): boolean {
  const width = Math.max(...finished.map(({ title }) => title.length));
  console.log('\n━━ Summary');
  for (const { title, outcome, seconds } of finished) {
    console.log(`${mark(outcome)} ${title.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${describe(outcome)}`);
  }
  const total = sum(finished.flatMap(({ outcome }) => numbers(outcome)));
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return finished.every(({ outcome }) => isGood(outcome));
}

function numbers(outcome: Outcome): Results[] {
  if (outcome.kind === 'tested') return [outcome.results];
  return outcome.kind === 'broken' ? [{ passed: 0, failed: 1, skipped: 0 }] : [];
}

function isGood(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'tested':
      return outcome.results.failed === 0;
    case 'checked':
      return outcome.isGood;
    case 'nothing':
      return true;
    case 'broken':
      return false;
  }
}

const mark = (outcome: Outcome): string => (isGood(outcome) ? '✔' : '✘');

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'tested': {
      const { passed, failed, skipped } = outcome.results;
      const { secondTries = [] } = outcome;
      return [
        `${passed} passed, ${failed} failed`,
        ...(skipped > 0 ? [`${skipped} skipped`] : []),
        ...(secondTries.length > 0 ? [`second try for ${secondTries.join(', ')}`] : []),
      ].join(', ');
    }
    case 'checked':
      return outcome.isGood ? 'good' : 'FAILED';
    case 'nothing':
      return 'no tests';
    case 'broken':
      return 'BROKEN: it could not run';
  }
}
