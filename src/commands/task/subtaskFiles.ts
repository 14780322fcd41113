/**
 * Subtasks as files of a file system of their own, so that their text is edited in an ordinary editor: with undo, search
 * and a question before changes are lost. Saving one is the operation `subtasks.edit`.
 */
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../contract/surfaces/api';
import { SUBTASK_SCHEME, subtaskFileQuery, type SubtaskFile } from '../../contract/pages/documents';
import type { Log } from '../../host/log';
import type { WorkspaceKernels } from '../../services/record/kernels';
import { inBackground } from '../../window/dialogs/background';
import type { KnownText } from './subtaskFileTexts';

interface Deps {
  readonly api: IntercoreApi;
  readonly kernels: WorkspaceKernels;
  readonly log: Log;
}

export class SubtaskFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly known = new Map<string, KnownText>();
  private readonly watched = new Set<string>();
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly subscriptions: readonly { dispose(): unknown }[];

  constructor(private readonly deps: Deps) {
    this.subscriptions = [
      this.changed,
      vscode.workspace.registerFileSystemProvider(SUBTASK_SCHEME, this, { isCaseSensitive: true }),
      deps.kernels.onDidChange(() => inBackground(deps.log, 'renewing subtasks that are edited', () => this.renew())),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  watch(uri: vscode.Uri): vscode.Disposable {
    const key = uri.toString();
    this.watched.add(key);
    return new vscode.Disposable(() => {
      this.watched.delete(key);
      this.known.delete(key);
    });
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { text, mtime, isReadOnly } = await this.look(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime,
      size: Buffer.byteLength(text),
      ...(isReadOnly ? { permissions: vscode.FilePermission.Readonly } : {}),
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return Buffer.from((await this.look(uri)).text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { writeSubtask } = await import('./subtaskFileTexts.js');
    await writeSubtask(this.deps.api, uri, content);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  /** Loaded late: most windows edit no subtask. */
  private async look(uri: vscode.Uri): Promise<KnownText> {
    const { readSubtask } = await import('./subtaskFileTexts.js');
    const found = await readSubtask(this.deps.api, uri, () => this.known.get(uri.toString()));
    this.known.set(uri.toString(), found);
    return found;
  }

  private async renew(): Promise<void> {
    for (const key of this.watched) {
      const before = this.known.get(key);
      if (before === undefined) continue;
      const isGone = await this.look(before.uri).then(
        (now) => (now === before ? undefined : false),
        () => true,
      );
      if (isGone === undefined) continue;
      if (isGone) this.known.delete(key);
      const type = isGone ? vscode.FileChangeType.Deleted : vscode.FileChangeType.Changed;
      this.changed.fire([{ type, uri: before.uri }]);
    }
  }
}

/** Opens the text of a subtask for editing. */
export async function editInEditor(target: SubtaskFile): Promise<void> {
  const uri = vscode.Uri.from({
    scheme: SUBTASK_SCHEME,
    path: `/Subtask ${target.subtaskId}.md`,
    query: subtaskFileQuery(target),
  });
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
}
