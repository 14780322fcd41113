/** Where an export goes, and writing it there. */
import path from 'node:path';
import * as vscode from 'vscode';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';
import { Dismissed } from '../../window/dialogs/ask';

/** `filters`: file endings, by what they are called. */
export async function chooseTextFile(
  title: string,
  suggested: string,
  filters: Readonly<Record<string, string[]>>,
): Promise<string> {
  const uri = await vscode.window.showSaveDialog({ title, filters, defaultUri: vscode.Uri.file(suggested) });
  if (uri === undefined) throw new Dismissed();
  return uri.fsPath;
}

/**
 * Writes the text and gives the path of the file. `file` may be relative to the folder.
 * @throws KernelError `FILE_UNWRITABLE`
 */
export async function writeTextFile(folder: string, file: string, text: string): Promise<string> {
  const uri = vscode.Uri.file(path.resolve(folder, file));
  try {
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text, 'utf8'));
  } catch (error) {
    throw new KernelError('FILE_UNWRITABLE', { path: uri.fsPath, problem: foreignText(problemOf(error)) });
  }
  return uri.fsPath;
}
