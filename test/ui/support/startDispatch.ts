/** Starting an agent the way a person does: the palette and the wizard's five questions. */
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

/** Answers the wizard and returns the row of the dispatch once the view shows it. */
export async function startDispatch(workbench: Workbench, answers: DispatchAnswers): Promise<TreeRow> {
  const input = workbench.quickInput;
  const pick = async (question: string, answer: string): Promise<void> => {
    await input.waitFor(question);
    await input.pick(answer);
  };
  const enter = async (question: string, answer: string): Promise<void> => {
    await input.waitFor(question);
    await input.fill(answer);
    await input.accept();
  };
  await workbench.runCommand('Intercore: Start Dispatch…');
  if (answers.project !== undefined) await pick('Select a folder', answers.project);
  await pick('Select an agent', answers.kind);
  await pick('Select a run for the dispatch (optional)', answers.run);
  await pick('Select the source of the prompt', 'Enter Text');
  await enter('What should the agent do?', answers.prompt);
  await enter('Dispatch name', answers.name);
  await enter('Model (leave empty', '');
  if (answers.isNewKind === true) await workbench.answerDialog('Allow');
  const dispatches = workbench.tree('Dispatches');
  await dispatches.expand();
  const row = dispatches.row(answers.name);
  await row.waitFor();
  return row;
}
