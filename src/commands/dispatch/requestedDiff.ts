/** Shows changes that an agent requests permission for, or has made, in the diff editor, from the texts in its messages. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { OpenRequest, RequestedDiff } from '../../contract/sessions';
import type { TextDiff } from '../../contract/transcript';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';

/** A side of a requested change. */
const REQUEST_SCHEME = 'intercore-request';

/** Of the last requests that were shown: their editors may ask again, when the request is no longer open. */
const MAX_KEPT = 40;

const texts = new Map<string, string>();
let registration: vscode.Disposable | undefined;

/** @throws KernelError `NONE_AVAILABLE` for a request without changes */
export async function showRequestedDiff(dispatchId: string, request: OpenRequest): Promise<void> {
  const diffs = request.kind === 'permission' ? request.diffs : [];
  if (diffs.length === 0) {
    throw new KernelError('NONE_AVAILABLE', { problem: because('The agent shows no changes for this request.') });
  }
  const shown = diffs.map((diff, index) => sidesOf(`${dispatchId} ${request.number} ${index}`, diff));
  const [first] = shown;
  if (shown.length > 1 || first === undefined) {
    await vscode.commands.executeCommand('vscode.changes', vscode.l10n.t('Requested changes'), shown);
    return;
  }
  await openDiff(first, vscode.l10n.t('{file} (requested changes)', { file: path.basename(first[0].fsPath) }));
}

/** A change in a transcript. `name`: unique. */
export async function showToolDiff(name: string, diff: TextDiff): Promise<void> {
  const sides = sidesOf(`transcript ${name}`, { ...diff, isCut: false });
  await openDiff(sides, vscode.l10n.t('{file} (changes of a tool call)', { file: path.basename(sides[0].fsPath) }));
}

type Sides = readonly [file: vscode.Uri, before: vscode.Uri, after: vscode.Uri];

async function openDiff([, before, after]: Sides, title: string): Promise<void> {
  await vscode.commands.executeCommand('vscode.diff', before, after, title);
}

function sidesOf(query: string, diff: RequestedDiff): Sides {
  registration ??= register();
  const file = vscode.Uri.file(diff.path);
  const side = (name: string, text: string): vscode.Uri => {
    const uri = file.with({ scheme: REQUEST_SCHEME, query: `${query} ${name}` });
    texts.set(uri.toString(), diff.isCut ? `${text}\n${vscode.l10n.t('[The rest is in the log.]')}\n` : text);
    for (const old of [...texts.keys()].slice(0, -MAX_KEPT)) texts.delete(old);
    return uri;
  };
  return [file, side('before', diff.oldText ?? ''), side('after', diff.newText)];
}

function register(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(REQUEST_SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? vscode.l10n.t('This document does not exist.'),
  });
}
