/** Rows of a form that attach what is in the editor, or files, to a text for an agent. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { GivenAttachment } from '../../contract/attachments';
import { isInside } from '../../host/files/paths';
import type { FormRow } from '../../window/dialogs/form';
import { oneLine } from '../../window/dialogs/labels';

/** A file outside the project that is larger is attached by its name only. */
const MAX_OUTSIDE_BYTES = 1024 * 1024;

export class AttachmentRows {
  private list: readonly GivenAttachment[];

  constructor(
    private readonly folder: string,
    before: readonly GivenAttachment[] = [],
  ) {
    this.list = before;
  }

  /** Undefined where nothing is attached. */
  get attachments(): GivenAttachment[] | undefined {
    return this.list.length === 0 ? undefined : [...this.list];
  }

  rows(): FormRow[] {
    return [
      ...this.list.map((attached) => this.attachedRow(attached)),
      ...this.offers(),
      { icon: 'attach', text: vscode.l10n.t('Attach files…'), change: () => this.chooseFiles() },
    ];
  }

  private attachedRow(attached: GivenAttachment): FormRow {
    const text = vscode.l10n.t('Attached: {0} (select to remove)', oneLine(nameOf(attached)));
    const remove = (): Promise<void> => {
      this.list = this.list.filter((each) => each !== attached);
      return Promise.resolve();
    };
    return { icon: 'check', text, change: remove };
  }

  /** Of the active editor, with changes that are not saved. */
  private offers(): FormRow[] {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || editor.document.uri.scheme !== 'file') return [];
    const { document, selection } = editor;
    const file = document.uri.fsPath;
    const name = path.basename(file);
    const problems = vscode.languages.getDiagnostics(document.uri);
    const lines = { from: selection.start.line + 1, to: selection.end.line + 1 };
    const offers: (readonly [GivenAttachment, string] | undefined)[] = [
      selection.isEmpty
        ? undefined
        : [
            { path: file, what: 'selection', lines, text: document.getText(selection) },
            vscode.l10n.t('Attach the selection in {file}', { file: name }),
          ],
      [{ path: file, what: 'file', text: document.getText() }, vscode.l10n.t('Attach {file}', { file: name })],
      problems.length === 0
        ? undefined
        : [
            { path: file, what: 'diagnostics', text: problems.map(lineOf).join('\n') },
            vscode.l10n.t('Attach the problems of {file} ({count})', { file: name, count: problems.length }),
          ],
    ];
    return offers.flatMap((offer) => {
      if (offer === undefined) return [];
      const [attached, text] = offer;
      if (this.list.some((each) => each.path === file && each.what === attached.what)) return [];
      const change = (): Promise<void> => {
        this.add([attached]);
        return Promise.resolve();
      };
      return [{ icon: 'attach', text, change }];
    });
  }

  private async chooseFiles(): Promise<void> {
    const files = await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Attach Files'),
      defaultUri: vscode.Uri.file(this.folder),
      canSelectMany: true,
    });
    this.add(await Promise.all((files ?? []).map(({ fsPath }) => this.chosen(fsPath))));
  }

  /** A person may attach a file outside the project, which an agent and its tools may not. */
  private async chosen(file: string): Promise<GivenAttachment> {
    if (isInside(this.folder, file)) return { path: file };
    const uri = vscode.Uri.file(file);
    const { size } = await vscode.workspace.fs.stat(uri);
    const text =
      size > MAX_OUTSIDE_BYTES
        ? vscode.l10n.t('(not attached: the file is too large)')
        : Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
    return { path: file, text };
  }

  private add(attached: readonly GivenAttachment[]): void {
    const isNew = ({ path: file, what }: GivenAttachment): boolean =>
      !this.list.some((each) => each.path === file && each.what === what);
    this.list = [...this.list, ...attached.filter(isNew)];
  }
}

function nameOf({ path: file, what, lines }: GivenAttachment): string {
  const name = path.basename(file);
  if (what === 'diagnostics') return vscode.l10n.t('problems of {file}', { file: name });
  return lines === undefined ? name : `${name}:${lines.from}-${lines.to}`;
}

/** As compilers print it. */
function lineOf({ range, severity, message, source, code }: vscode.Diagnostic): string {
  const at = `${range.start.line + 1}:${range.start.character + 1}`;
  const number = typeof code === 'object' ? code.value : code;
  const origin = [source, number].filter((part) => part !== undefined).join(' ');
  return `${at} ${SEVERITIES[severity]}: ${message}${origin === '' ? '' : ` (${origin})`}`;
}

const SEVERITIES: Readonly<Record<vscode.DiagnosticSeverity, string>> = {
  [vscode.DiagnosticSeverity.Error]: 'error',
  [vscode.DiagnosticSeverity.Warning]: 'warning',
  [vscode.DiagnosticSeverity.Information]: 'information',
  [vscode.DiagnosticSeverity.Hint]: 'hint',
};
