/** Starting an agent the way a person does: the palette and the form. */
import { fillForm } from './forms';
import type { TreeRow } from './tree';
import type { Workbench } from './workbench';
import { said } from './said';
import { inPalette, viewName } from './titles';

export interface DispatchAnswers {
  /** In a window with several folders: the one to choose. */
  readonly project?: string;
  readonly kind: string;
  readonly run: string;
  readonly prompt: string;
  readonly name: string;
  /** The kind is asked about, since it has not run in this folder before. */
  readonly isNewKind?: boolean;
}

/** Fills in the form and returns the row of the dispatch once the view shows it. */
export async function startDispatch(workbench: Workbench, answers: DispatchAnswers): Promise<TreeRow> {
  const input = workbench.quickInput;
  await workbench.runCommand(inPalette('dispatch.start'));
  if (answers.project !== undefined) {
    await input.waitFor(said('Select a folder'));
    await input.pick(answers.project);
  }
  const changes = [
    { row: 'Agent: ', question: said('Select an agent'), pick: answers.kind },
    { row: 'Run: ', question: said('Select a run for the dispatch (optional)'), pick: answers.run },
    { row: 'Name: ', question: 'Dispatch name', text: answers.name },
  ];
  await fillForm(workbench, 'Start ', changes, answers.prompt);
  if (answers.isNewKind === true) await workbench.answerDialog(said('Allow'));
  const dispatches = workbench.tree(viewName('dispatches'));
  await dispatches.expand();
  const row = dispatches.row(answers.name);
  await row.waitFor();
  return row;
}
