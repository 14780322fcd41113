/** How much tests of chance do: a little in every run, all of it in `npm run test:long`. */

/** Whether this is the long run. The process that starts all others learns it only from its arguments. */
export const isLong = (): boolean => process.env['INTERCORE_TEST_LONG'] === '1';

export const IS_LONG = isLong();

/** The number for every run, or that for the long one. */
export const inLong = (short: number, long: number): number => (IS_LONG ? long : short);
