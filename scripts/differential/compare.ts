/** The smallest sequence that two executables answer differently. */
import { numbersOf, sequenceOf, type Step } from './lines';
import { outcomesOf, type Executable, type StepOutcome } from './run';

export interface Difference {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly ours: StepOutcome;
  readonly other: StepOutcome;
  readonly in: 'code' | 'stdout' | 'rows';
}

const ASPECTS = ['code', 'stdout', 'rows'] as const;

/** The first difference of the seed's sequence, shortened as far as it stays one; undefined where there is none. */
export function differenceOf(seed: number, length: number, us: Executable, them: Executable): Difference | undefined {
  const found = firstOf(seed, sequenceOf(numbersOf(seed), length), us, them);
  return found === undefined ? undefined : shortened(found, us, them);
}

function firstOf(seed: number, steps: readonly Step[], us: Executable, them: Executable): Difference | undefined {
  const [ours, theirs] = [outcomesOf(us, steps), outcomesOf(them, steps)];
  for (const [index, our] of ours.entries()) {
    const their = theirs[index];
    const aspect = ASPECTS.find((name) => our[name] !== their?.[name]);
    if (their === undefined || aspect === undefined) continue;
    return { seed, steps: steps.slice(0, index + 1), ours: our, other: their, in: aspect };
  }
  return undefined;
}

/** Leaves out one step after the other, the last first; `init` and the step that differs stay. */
function shortened(difference: Difference, us: Executable, them: Executable): Difference {
  let smallest = difference;
  for (let index = smallest.steps.length - 2; index > 0; index--) {
    if (index > smallest.steps.length - 2) continue;
    const fewer = smallest.steps.filter((_, at) => at !== index);
    smallest = firstOf(smallest.seed, fewer, us, them) ?? smallest;
  }
  return smallest;
}

/** As a person reads it. */
export function reportOf({ seed, steps, ours, other, in: aspect }: Difference): string {
  const lines = steps.map(({ words }) => `  ic ${words.map((word) => (word === '' ? "''" : word)).join(' ')}`);
  return [
    `Seed ${seed}: ${aspect} differs after ${steps.length} commands`,
    ...lines,
    `ours:  ${JSON.stringify(ours[aspect])}`,
    `other: ${JSON.stringify(other[aspect])}`,
  ].join('\n');
}
