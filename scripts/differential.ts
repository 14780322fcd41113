/**
 * Compares our `ic` with another executable on random command sequences: output, exit code and rows after every command.
 *   IC_OTHER=/path/to/ic node out/scripts/differential.js [--seed=N] [--sequences=N] [--length=N] [--original] [--without=WORDS,WORDS]
 * `--original` leaves out commands that Intercore 0.3.0 does not have; `--without` those that start with the words.
 * Exits with 1 where they differ, after the smallest difference of each seed. Needs the sqlite3 program.
 */
import path from 'node:path';
import { allCommands } from '../src/cli/table';
import { differenceOf, reportOf } from './differential/compare';
import { generatedOf, NOT_IN_ORIGINAL } from './differential/leftOut';
import { numbersOf, sequenceOf } from './differential/lines';
import type { Executable } from './differential/run';

const OURS: Executable = [process.execPath, path.resolve(__dirname, '../../dist/ic.js')];

function given(name: string): string | undefined {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

async function main(): Promise<void> {
  const other = process.env['IC_OTHER'];
  if (other === undefined) throw new Error('IC_OTHER names no executable to compare with');
  const [seed, sequences, length] = [given('seed') ?? 1, given('sequences') ?? 20, given('length') ?? 30].map(Number);
  const original = process.argv.includes('--original') ? NOT_IN_ORIGINAL : [];
  const commands = generatedOf(await allCommands(), [...original, ...(given('without')?.split(',') ?? [])]);
  let differing = 0;
  for (let current = seed ?? 1; current < (seed ?? 1) + (sequences ?? 20); current++) {
    const difference = differenceOf(sequenceOf(commands, numbersOf(current), length ?? 30), OURS, [other]);
    if (difference === undefined) continue;
    differing += 1;
    console.log(`${reportOf(current, difference)}\n`);
  }
  console.log(`${(sequences ?? 20) - differing} of ${sequences} sequences are equal.`);
  process.exitCode = differing === 0 ? 0 : 1;
}

main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 2;
});
