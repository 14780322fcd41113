/** The forms of Create Run, Create Task and Start Dispatch, filled in the way a person does: rows first, then the text. */
import type { Workbench } from './workbench';
import { partOf, said } from './said';
import { inPalette } from './titles';

/** A row to change, by what it says before it is changed, the question that it asks, and the answer. */
export type Change =
  | { readonly row: string; readonly question: string; readonly pick: string }
  | { readonly row: string; readonly question: string; readonly text: string }
  | { readonly row: string; readonly toggles: string };

/** Fills in the form that is open, whose first row starts with `first`. */
export async function fillForm(
  { quickInput: input }: Workbench,
  first: string,
  changes: readonly Change[],
  text: string,
): Promise<void> {
  await input.formRow(first).waitFor();
  for (const change of changes) {
    await input.pickIn(input.formRow(change.row));
    if ('toggles' in change) {
      await input.formRow(change.toggles).waitFor();
      continue;
    }
    await input.waitFor(change.question);
    if ('pick' in change) {
      await input.pick(change.pick);
    } else {
      await input.fill(change.text);
      await input.accept();
    }
    await input.formRow(first).waitFor();
  }
  await input.fill(text);
  await input.accept();
}

export async function createRun(
  workbench: Workbench,
  goal: string,
  { chain, budget }: { readonly chain?: string; readonly budget?: string } = {},
): Promise<void> {
  await workbench.runCommand(inPalette('run.create'));
  const question = said('Select the phases of the run');
  await fillForm(
    workbench,
    said('Create the run'),
    [
      ...(chain === undefined ? [] : [{ row: 'Phases: ', question, pick: chain }]),
      ...(budget === undefined
        ? []
        : [
            {
              row: 'Token budget: ',
              question: partOf('Token budget (leave empty for none)', 'Token budget (leave empty'),
              text: budget,
            },
          ]),
    ],
    goal,
  );
}

/** Fills in the form of Create Task, which is open. */
export async function describeTask(workbench: Workbench, text: string, startsWorkers = false): Promise<void> {
  const toggle = { row: said('Start workers: manually'), toggles: said('Start workers: automatically') };
  await fillForm(
    workbench,
    partOf('Create the task in {0}', 'Create the task in'),
    startsWorkers ? [toggle] : [],
    text,
  );
}
