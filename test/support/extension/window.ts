/** What tests inside VS Code share: the API, commands called as another extension would, and what is recorded. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { CommandId, CommandInput } from '../../../src/contract/surfaces/commands';
import type { RecordChange } from '../../../src/contract/results/records';
import type { ErrorCode } from '../../../src/kernel/errors/errors';

export async function activateExtension(): Promise<IntercoreApi> {
  const extension = vscode.extensions.getExtension<IntercoreApi>('intercore.intercore');
  assert.ok(extension, 'VS Code did not load the extension');
  return await extension.activate();
}

/** The folder of that name in this window. */
export function openFolder(name?: string): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder = name === undefined ? folders[0] : folders.find((candidate) => candidate.name === name);
  assert.ok(folder, `no folder ${name ?? ''} is open`);
  return folder.uri.fsPath;
}

/** The API, with a database in the folder. */
export async function withDatabase(folder: string): Promise<IntercoreApi> {
  const api = await activateExtension();
  await api.database.initialize({ folder });
  return api;
}

/** Calls a command with plain JSON, so that a failure rejects. */
export async function call<C extends CommandId>(id: C, args: CommandInput<C>): Promise<unknown> {
  return await vscode.commands.executeCommand(id, args);
}

export async function refuses(code: ErrorCode, work: PromiseLike<unknown>): Promise<void> {
  await assert.rejects(Promise.resolve(work), (error: unknown) => {
    assert.ok(error instanceof Error, String(error));
    assert.equal('code' in error ? error.code : error.message, code, error.message);
    return true;
  });
}

/** Everything that is recorded in a folder, to compare before and after. */
export async function dump(api: IntercoreApi, folder: string): Promise<unknown> {
  const { runs, invalid } = await api.runs.list({ folder });
  const details = await Promise.all(
    runs.map(async ({ id: runId }) => ({
      events: await api.runs.events({ folder, runId }),
      artifacts: await api.artifacts.list({ folder, runId }),
      agents: await api.agents.list({ folder, runId }),
    })),
  );
  const dispatches = await api.dispatches.list({ folder });
  return JSON.parse(JSON.stringify({ runs, invalid, details, dispatches })) as unknown;
}

/** The next change that is wanted; `cause` makes it happen. */
export async function changeAfter(
  api: IntercoreApi,
  isWanted: (change: RecordChange) => boolean,
  cause: () => Promise<unknown>,
): Promise<RecordChange> {
  const listening: { dispose(): void }[] = [];
  try {
    const change = new Promise<RecordChange>((resolve) => {
      listening.push(api.onDidChange((event) => isWanted(event) && resolve(event)));
    });
    await cause();
    return await change;
  } finally {
    for (const one of listening) one.dispose();
  }
}

/** Resolves once the change of the workspace's folders that `cause` asks for has happened. */
export async function foldersChange(cause: () => boolean): Promise<void> {
  const listening: vscode.Disposable[] = [];
  const changed = new Promise<void>((resolve) => {
    listening.push(vscode.workspace.onDidChangeWorkspaceFolders(() => resolve()));
  });
  assert.ok(cause(), 'VS Code refused to change the folders');
  await changed;
  vscode.Disposable.from(...listening).dispose();
}
