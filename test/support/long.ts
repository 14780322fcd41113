/** What every run does of many cases, and what only `npm run test:long` does. */

/** Whether this is the long run. The process that starts all others learns it only from its arguments. */
export const isLong = (): boolean => process.env['INTERCORE_TEST_LONG'] === '1';

export const IS_LONG = isLong();

/** The number for every run, or that for the long one. */
export const inLong = (short: number, long: number): number => (IS_LONG ? long : short);

/**
 * A test of the long run only, shown as skipped in the others. A shorter one of its kind stays in every run; where folders
 * are hostile, each kind does.
 */
export const itLong = (title: string, test: Mocha.AsyncFunc): Mocha.Test =>
  IS_LONG ? it(title, test) : it.skip(title, test);

/** Like `itLong`, for tests that have a window or a fixture of their own. */
export function describeLong(title: string, tests: (this: Mocha.Suite) => void): void {
  if (IS_LONG) describe(title, tests);
  else describe.skip(title, tests);
}

/** A case of the long run only among those of a table. */
export const itLongIf = (isLonger: boolean) => (isLonger ? itLong : it);
