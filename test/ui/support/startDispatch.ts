/** Starting an agent the way a person does: the palette and the form. */
import { fillForm } from './forms';
import type { TreeRow } from './tree';
import type { Workbench } from './workbench';

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
  await workbench.runCommand('Intercore: Start Dispatch…');
  if (answers.project !== undefined) {
    await input.waitFor('Select a folder');
    await input.pick(answers.project);
  }
  const changes = [
    { row: 'Agent: ', question: 'Select an agent', pick: answers.kind },
    { row: 'Run: ', question: 'Select a run for the dispatch (optional)', pick: answers.run },
    { row: 'Name: ', question: 'Dispatch name', text: answers.name },
  ];
  await fillForm(workbench, 'Start ', changes, answers.prompt);
  if (answers.isNewKind === true) await workbench.answerDialog('Allow');
  const dispatches = workbench.tree('Dispatches');
  await dispatches.expand();
  const row = dispatches.row(answers.name);
  await row.waitFor();
  return row;
}
