/** What came of each step, and the lines at the end of a run. */
import { BROKEN, sum, type Results } from '../../test/support/vscode/results';
import type { Done, Part } from './lanes';
import { LEDGER_FILE, unlisted, type Ledger } from './unstable';

export type Outcome =
  | { readonly kind: 'tested'; readonly results: Results }
  | { readonly kind: 'checked'; readonly isGood: boolean }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken' };

/** The run from start to end. */
export interface Whole {
  readonly seconds: number;
  /** The idle part of the cores' time, from 0 to 1. */
  readonly idle: number;
}

export interface Finished {
  readonly title: string;
  readonly outcome: Outcome;
  /** Of all its parts, some of which may have run at once. */
  readonly seconds: number;
  /** The parts that failed at first, so that what is unreliable stays in sight. */
  readonly secondTries: readonly string[];
  /** A line for each test that failed, at the last try and at a first one. */
  readonly failures: readonly string[];
  readonly firstFailures: readonly string[];
  /** Of the latter, those that passed then and are not in the ledger of unstable tests. Each fails the run. */
  readonly unlisted: readonly string[];
}

/** What came of a step, of what came of its parts. */
export function finishedStep(
  title: string,
  parts: readonly Part[],
  done: ReadonlyMap<Part, Done>,
  ledger: Ledger,
): Finished {
  const ended = parts.flatMap((part) => done.get(part) ?? []);
  return {
    title,
    outcome: joined(ended.map(({ outcome }) => outcome)),
    seconds: ended.reduce((total, { seconds }) => total + seconds, 0),
    secondTries: parts.filter((part) => done.get(part)?.firstTry !== undefined).map((part) => part.title),
    failures: parts.flatMap((part) => failures(part, done.get(part)?.outcome)),
    firstFailures: parts.flatMap((part) => failures(part, done.get(part)?.firstTry)),
    unlisted: ended.flatMap((each) => unlisted(each, ledger)),
  };
}

function failures(part: Part, outcome: Outcome | undefined): string[] {
  if (outcome === undefined || isGood(outcome)) return [];
  const lines = outcome.kind === 'tested' ? outcome.results.failures : ['see above'];
  return lines.map((line) => `${part.title}: ${line}`);
}

const SLOWEST = 10;

/** The parts that took longest, so that a run which grows shows where. */
export function printSlowest(done: ReadonlyMap<Part, Done>): void {
  const slowest = [...done].sort(([, one], [, other]) => other.seconds - one.seconds).slice(0, SLOWEST);
  console.log('\n━━ Slowest');
  for (const [{ title }, { seconds }] of slowest) console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${title}`);
}

/** A step has checks or tests; one part that broke counts as one failed test beside the others. */
function joined(outcomes: readonly Outcome[]): Outcome {
  const [first, ...more] = outcomes;
  if (first === undefined) return { kind: 'nothing' };
  return more.length === 0 ? first : { kind: 'tested', results: sum(outcomes.flatMap(numbers)) };
}

/**
 * Prints a line for each step, the time from start to end, what failed and, alone on the last line, `N passed, N failed`: the sum of
 * all tests, where a part of a step that broke before it could count is one failed test, and so is a test that passed at
 * the second try only and is not in the ledger. Returns whether everything is good.
 */
export function printSummary(finished: readonly Finished[], whole: Whole): boolean {
  const width = Math.max(...finished.map(({ title }) => title.length));
  console.log('\n━━ Summary');
  for (const { title, outcome, secondTries, ...step } of finished) {
    const again = secondTries.length > 0 ? `, second try for ${secondTries.join(', ')}` : '';
    const came = describe(outcome);
    console.log(`${mark(outcome)} ${title.padEnd(width)}  ${step.seconds.toFixed(1).padStart(6)} s  ${came}${again}`);
  }
  const idle = `cores idle ${(whole.idle * 100).toFixed(0)} %`;
  console.log(`  ${'From start to end'.padEnd(width)}  ${whole.seconds.toFixed(1).padStart(6)} s  ${idle}`);
  list(
    'Failed at the first try:',
    finished.flatMap(({ firstFailures }) => firstFailures),
  );
  list(
    'Failed:',
    finished.flatMap((step) => step.failures),
  );
  const unstable = finished.flatMap((step) => step.unlisted);
  list(`Passed at the second try only, and not in ${LEDGER_FILE}:`, unstable);
  const total = sum(finished.flatMap(({ outcome }) => numbers(outcome)));
  console.log(`\n${total.passed - unstable.length} passed, ${total.failed + unstable.length} failed`);
  return unstable.length === 0 && finished.every(({ outcome }) => isGood(outcome));
}

/** Failures by name at the very end, since of a long run often only that is kept. */
function list(title: string, failed: readonly string[]): void {
  if (failed.length > 0) console.log(`\n${[title, ...failed].join('\n  ')}`);
}

function numbers(outcome: Outcome): Results[] {
  if (outcome.kind === 'tested') return [outcome.results];
  return outcome.kind === 'broken' ? [BROKEN] : [];
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
      return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    }
    case 'checked':
      return outcome.isGood ? 'good' : 'FAILED';
    case 'nothing':
      return 'no tests';
    case 'broken':
      return 'BROKEN: it could not run';
  }
}
