/** The ledger of unstable tests: those that may pass at the second try only. Empty is the goal. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { inProject } from '../../tools/project';
import type { Done } from './lanes';

export const LEDGER_FILE = 'test/ui/unstable.json';

/** The whole title of each unstable test, with the reason. */
export type Ledger = Readonly<Record<string, string>>;

export function readLedger(): Ledger {
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(inProject(LEDGER_FILE), 'utf8')));
}

/** A line for each test that failed at the first try, passed at the second, and is not in the ledger. */
export function unlisted({ outcome, firstTry }: Done, ledger: Ledger): readonly string[] {
  const hasPassed = outcome.kind === 'tested' && outcome.results.failed === 0;
  if (!hasPassed || firstTry === undefined) return [];
  const lines = firstTry.kind === 'tested' ? firstTry.results.failures : ['the first try broke'];
  const titles = Object.keys(ledger);
  return lines.filter((line) => !titles.some((title) => line.startsWith(`${title}: `)));
}
