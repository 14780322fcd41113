/**
 * Who called a command, and with what. A person calls it without arguments, from a row of a view or on files in the
 * Explorer; a keybinding or another extension calls it with one plain JSON object.
 */
import * as vscode from 'vscode';
import * as z from 'zod';
import { ROW_FIELDS, type RowKind } from '../../contract/views';

export interface Invocation {
  /** Failures are shown to a person and thrown at a program, never both. */
  readonly caller: 'person' | 'program';
  /** Not parsed yet. */
  readonly input: unknown;
}

const row = z.object({ kind: z.string().refine(isRowKind), id: z.string() });
const fileList = z.array(z.custom<vscode.Uri>((value) => value instanceof vscode.Uri)).min(1);

/** Reads what VS Code passes: `()`, `(row, rows?)`, `(uri, uris?)` or `(json)`. */
export function readInvocation(args: readonly unknown[], accepts: ReadonlySet<string>): Invocation {
  const [first, second] = args;
  if (first === undefined || first === null) return { caller: 'person', input: {} };
  if (first instanceof vscode.Uri)
    return { caller: 'person', input: filesInput(fileList.safeParse(second).data ?? [first]) };
  const clicked = row.safeParse(first).data;
  if (clicked === undefined) return { caller: 'program', input: first };
  return { caller: 'person', input: fieldsOf(first, clicked.kind, accepts) };
}

/** The row of a phase is the target of a rollback; the row of a child is the downstream project. */
const MEANINGS: Readonly<Record<string, string>> = { phase: 'toPhase', projectDir: 'downstream' };

/** A row carries more than the command asks for: only the fields of its kind that the command knows are taken. */
function fieldsOf(given: object, kind: RowKind, accepts: ReadonlySet<string>): Record<string, unknown> {
  const wanted = new Set<string>(ROW_FIELDS[kind]);
  const fields: [string, unknown][] = Object.entries(given).filter(([name]) => wanted.has(name));
  const named = fields.map(([name, value]): [string, unknown] => {
    const meaning = MEANINGS[name];
    return [meaning !== undefined && accepts.has(meaning) ? meaning : name, value];
  });
  return Object.fromEntries(named.filter(([name]) => accepts.has(name)));
}

function filesInput(files: readonly vscode.Uri[]): Record<string, unknown> {
  const [first] = files;
  const folder = first && vscode.workspace.getWorkspaceFolder(first);
  return {
    ...(folder === undefined ? {} : { folder: folder.uri.fsPath }),
    paths: files.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath),
  };
}

function isRowKind(kind: string): kind is RowKind {
  return kind in ROW_FIELDS;
}
