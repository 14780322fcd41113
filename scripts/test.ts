/** `npm test`: every check and every test, one after another, then a summary. Focused runs name their steps. */
import { parseArgs } from 'node:util';
import type { Selection } from '../test/support/vscode/extensionTests';
import { sum } from '../test/support/vscode/results';
import { printSummary, type Finished } from './test/summary';
import { chooseSteps, type Step } from './test/steps';

async function perform(step: Step, selection: Selection): Promise<Finished> {
  console.log(`\n━━ ${step.title} ${'━'.repeat(Math.max(3, 70 - step.title.length))}`);
  const startedAt = performance.now();
  const outcome = await step.run(selection).catch((cause: unknown) => {
    console.error(cause instanceof Error ? cause.message : cause);
    return { kind: 'broken' } as const;
  });
  return { title: step.title, outcome, seconds: (performance.now() - startedAt) / 1000 };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { file: { type: 'string' }, grep: { type: 'string' }, server: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const selection: Selection = {
    ...(values.file === undefined ? {} : { file: values.file }),
    ...(values.grep === undefined ? {} : { grep: values.grep }),
  };
  const finished: Finished[] = [];
  for (const step of chooseSteps(positionals, values.server)) finished.push(await perform(step, selection));

  const results = finished.flatMap(({ outcome }) => (outcome.kind === 'tested' ? [outcome.results] : []));
  const isSelective = Object.keys(selection).length > 0;
  const hasRunNothing = isSelective && sum(results).passed + sum(results).failed === 0;
  if (hasRunNothing) console.error(`\nNo test matches ${JSON.stringify(selection)}.`);
  const isGood = printSummary(finished);
  process.exitCode = isGood && !hasRunNothing ? 0 : 1;
}

main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
