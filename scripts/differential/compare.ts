/** The first difference between two executables in a sequence, and how a person reads it. */
import type { Step } from './lines';
import { outcomesOf, type Executable, type StepOutcome } from './run';
import { shortened } from './shorten';

export interface Difference {
  /** The last one is answered differently. */
  readonly steps: readonly Step[];
  readonly aspect: 'exit code' | 'output' | 'rows';
  readonly ours: string;
  readonly other: string;
}

/** The smallest difference that the sequence leads to; undefined if there is none. */
export function differenceOf(steps: readonly Step[], us: Executable, them: Executable): Difference | undefined {
  const first = firstOf(steps, us, them);
  return first === undefined ? undefined : shortened(first, (fewer) => firstOf(fewer, us, them));
}

function firstOf(steps: readonly Step[], us: Executable, them: Executable): Difference | undefined {
  const [ours, theirs] = [outcomesOf(us, steps), outcomesOf(them, steps)];
  for (const [at, our] of ours.entries()) {
    const their = theirs[at];
    const difference = their === undefined ? undefined : between(our, their);
    if (difference !== undefined) return { steps: steps.slice(0, at + 1), ...difference };
  }
  return undefined;
}

function between(ours: StepOutcome, other: StepOutcome): Omit<Difference, 'steps'> | undefined {
  if (ours.code !== other.code) return { aspect: 'exit code', ours: `${ours.code}`, other: `${other.code}` };
  if (ours.stdout !== other.stdout) {
    return { aspect: 'output', ours: JSON.stringify(ours.stdout), other: JSON.stringify(other.stdout) };
  }
  for (const [table, ourRows] of ours.rows) {
    const otherRows = other.rows.get(table);
    if (otherRows === undefined) continue;
    const at = Array.from({ length: Math.max(ourRows.length, otherRows.length) }, (_, index) => index);
    const row = at.find((index) => ourRows[index] !== otherRows[index]);
    if (row === undefined) continue;
    return {
      aspect: 'rows',
      ours: `${table}: ${ourRows[row] ?? 'no row'}`,
      other: `${table}: ${otherRows[row] ?? 'no row'}`,
    };
  }
  return undefined;
}

export function reportOf(seed: number, { steps, aspect, ours, other }: Difference): string {
  const lines = steps.map(({ command, words, input }) => {
    const line = ['ic', ...command.split(' '), ...words.map(quoted)].join(' ');
    return `  ${input === '' ? line : `printf %s ${quoted(input)} | ${line}`}`;
  });
  return [
    `Seed ${seed}: ${aspect} different after ${steps.length === 1 ? '1 command' : `${steps.length} commands`}`,
    ...lines,
    `ours:  ${ours}`,
    `other: ${other}`,
  ].join('\n');
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
