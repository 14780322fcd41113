/** Makes a difference smaller: fewer commands, then fewer words in each, while the same command differs in the same way. */
import type { Difference } from './compare';
import type { Step } from './lines';

type Find = (steps: readonly Step[]) => Difference | undefined;

export function shortened(difference: Difference, find: Find): Difference {
  const isSame = (found: Difference | undefined): found is Difference =>
    found?.aspect === difference.aspect && found.steps.at(-1)?.command === difference.steps.at(-1)?.command;
  let smallest = difference;
  let size: number;
  do {
    size = sizeOf(smallest.steps);
    for (let count = Math.ceil(smallest.steps.length / 2); count > 0; count = count === 1 ? 0 : Math.ceil(count / 2)) {
      for (let from = smallest.steps.length - 1 - count; from >= 0; from -= count) {
        const found = find(without(smallest.steps, from, count));
        if (isSame(found)) smallest = found;
      }
    }
    for (const smaller of smallerSteps(smallest)) {
      const found = find(smaller(smallest.steps));
      if (isSame(found) && sizeOf(found.steps) < sizeOf(smallest.steps)) smallest = found;
    }
  } while (sizeOf(smallest.steps) < size);
  return smallest;
}

function sizeOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { words, input }) => sum + 1 + words.length + (input === '' ? 0 : 1), 0);
}

/** One change for each word and each input, the last first, so that earlier positions stay. */
function smallerSteps({ steps }: Difference): ((steps: readonly Step[]) => Step[])[] {
  return steps.flatMap(({ words, input }, at) => {
    const change = (changed: (step: Step) => Step) => (all: readonly Step[]) =>
      all.map((step, index) => (index === at ? changed(step) : step));
    const fewer = words
      .map((_, word) => change((step) => ({ ...step, words: without(step.words, word, 1) })))
      .toReversed();
    return input === '' ? fewer : [change((step) => ({ ...step, input: '' })), ...fewer];
  });
}

function without<T>(items: readonly T[], from: number, count: number): T[] {
  return [...items.slice(0, from), ...items.slice(from + count)];
}
