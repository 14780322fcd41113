/** Opens the read-only documents of the record, which the views provide (`docs/design/editor.md`). */
import * as vscode from 'vscode';
import { documentUri, type DocumentTarget } from '../../contract/pages/documents';

export async function openDocument(target: DocumentTarget): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(documentUri(target), true));
  await vscode.window.showTextDocument(document, { preview: true });
}
