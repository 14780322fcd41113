/**
 * One input for a text, with rows below it: Enter takes the text, and each other row changes one answer that has a
 * default. Esc changes nothing. The input holds about 30,000 characters; longer texts come from an editor.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { answerOf, SteppedBack, type Question, type StepPosition } from './ask';

export interface FormRow {
  /** A codicon. */
  readonly icon: string;
  readonly text: string;
  /** Asks for another answer; Back returns to the form. Left out: the row takes the text. */
  readonly change?: (place: StepPosition) => Promise<void>;
  /** The row ends the form with the text that this gives. */
  readonly give?: () => Promise<string>;
}

export interface Form extends Question {
  /** Why the text will not do. */
  readonly problem: (text: string) => string | undefined;
  /** The first takes the text. Called again after each change. */
  readonly rows: () => readonly FormRow[];
}

interface Item extends vscode.QuickPickItem {
  readonly row: FormRow;
}

const INSIDE: StepPosition = { step: 0, totalSteps: 1, back: true };

/** The text. */
export async function fillIn(form: Form): Promise<string> {
  let text = '';
  for (;;) {
    const chosen = await chooseRow(form, text);
    text = chosen.text;
    try {
      if (chosen.row.give !== undefined) return await chosen.row.give();
      if (chosen.row.change === undefined) return text;
      await chosen.row.change(INSIDE);
    } catch (error) {
      if (!(error instanceof SteppedBack)) throw error;
    }
  }
}

/** Texts of several lines, and those that are too long to be typed: the selection in the editor, and its whole text. */
export function editorRows(): FormRow[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const { document, selection } = editor;
  const file = path.basename(document.fileName);
  return [
    { text: document.getText(selection), label: vscode.l10n.t('Use the selection in {file}', { file }) },
    { text: document.getText(), label: vscode.l10n.t('Use the text of {file}', { file }) },
  ]
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, label }) => ({ icon: 'file', text: label, give: () => Promise.resolve(text) }));
}

async function chooseRow(form: Form, text: string): Promise<{ readonly text: string; readonly row: FormRow }> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = form.title;
  pick.placeholder = form.placeholder;
  pick.value = text;
  // The text is no filter: a label without words is found by none, and every row is always shown.
  pick.items = form.rows().map((row) => ({ label: `$(${row.icon})`, description: row.text, alwaysShow: true, row }));
  const show = (problem: string | undefined): void => {
    pick.title = problem === undefined ? form.title : `${form.title}: ${problem}`;
  };
  const typing = pick.onDidChangeValue((typed) => show(typed === '' ? undefined : form.problem(typed)));
  try {
    return await answerOf(pick, { ...INSIDE, back: false }, () => {
      const row = pick.selectedItems[0]?.row;
      if (row === undefined) return undefined;
      const takesText = row.change === undefined && row.give === undefined;
      const problem = takesText ? form.problem(pick.value) : undefined;
      show(problem);
      return problem === undefined ? { value: { text: pick.value, row } } : undefined;
    });
  } finally {
    typing.dispose();
  }
}
