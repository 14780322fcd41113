/**
 * Compares our `ic` with another executable on random command sequences: output, exit code and rows after every command.
 *   IC_OTHER=/path/to/ic node out/scripts/differential.js [--seed=N] [--sequences=N] [--length=N]
 * Exits with 1 where they differ, after the smallest difference of each seed.
 */
import path from 'node:path';
import { differenceOf, reportOf } from './differential/compare';
import type { Executable } from './differential/run';

const OURS: Executable = [process.execPath, path.resolve(__dirname, '../../dist/ic.js')];

function numberOf(name: string, fallback: number): number {
  const given = process.argv.find((word) => word.startsWith(`--${name}=`));
  return given === undefined ? fallback : Number(given.slice(name.length + 3));
}

const other = process.env['IC_OTHER'];
if (other === undefined) throw new Error('IC_OTHER names no executable to compare with');
const [seed, sequences, length] = [numberOf('seed', 1), numberOf('sequences', 20), numberOf('length', 30)];
let differing = 0;
for (let current = seed; current < seed + sequences; current++) {
  const difference = differenceOf(current, length, OURS, [other]);
  if (difference === undefined) continue;
  differing += 1;
  console.log(`${reportOf(difference)}\n`);
}
console.log(`${sequences - differing} of ${sequences} sequences are equal.`);
process.exitCode = differing === 0 ? 0 : 1;
