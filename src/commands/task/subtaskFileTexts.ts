/** The texts of subtasks as files: read from the record, and written with the operation `subtasks.edit`. */
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../contract/surfaces/api';
import { parseSubtaskFile, type SubtaskFile } from '../../contract/pages/documents';
import { isKernelError } from '../../kernel/errors/errors';
import type { Subtask } from '../../kernel/tasks/record/model';
import { hasStarted } from '../../kernel/tasks/subtask/subtasks';
import { formatSubtask, parseSubtask } from '../../kernel/tasks/subtask/subtaskText';
import { present } from '../../window/dialogs/present';

/** A text that an editor shows. */
export interface KnownText {
  readonly uri: vscode.Uri;
  readonly text: string;
  readonly isReadOnly: boolean;
  /** When we first saw this text: what else changes about a subtask is no change of its file. Milliseconds. */
  readonly mtime: number;
}

/** `known`: the text that is known by then, which is returned if nothing of it changed. */
export async function readSubtask(
  { subtasks }: IntercoreApi,
  uri: vscode.Uri,
  known: () => KnownText | undefined,
): Promise<KnownText> {
  const { subtask } = await subtasks.get(targetOf(uri)).catch((error: unknown) => {
    throw isKernelError(error) ? vscode.FileSystemError.FileNotFound(uri) : error;
  });
  const before = known();
  const [text, isReadOnly] = [textOf(subtask), hasStarted(subtask)];
  if (before?.text === text && before.isReadOnly === isReadOnly) return before;
  return { uri, text, isReadOnly, mtime: Math.max(Date.now(), (before?.mtime ?? 0) + 1) };
}

/** The editor shows a refusal and keeps the text. */
export async function writeSubtask({ subtasks }: IntercoreApi, uri: vscode.Uri, content: Uint8Array): Promise<void> {
  const target = targetOf(uri);
  try {
    const { title, spec, plan, acceptance } = parseSubtask(Buffer.from(content).toString('utf8'));
    const texts = { title, spec, implementationPlan: plan, acceptanceCriteria: acceptance };
    await subtasks.edit({ ...target, ...texts });
  } catch (error) {
    throw isKernelError(error) ? new Error(present(error).message) : error;
  }
}

function targetOf(uri: vscode.Uri): SubtaskFile {
  const target = parseSubtaskFile(uri.query);
  if (target === undefined) throw vscode.FileSystemError.FileNotFound(uri);
  return target;
}

function textOf({ title, spec, implementationPlan, acceptanceCriteria }: Subtask): string {
  return formatSubtask({ title, spec, plan: implementationPlan, acceptance: acceptanceCriteria });
}
