/**
 * Keeps one kernel for each open folder on disk, and adopts the agents that still run there
 * (`docs/design/portfolios.md`).
 */
import * as vscode from 'vscode';
import type { WorkspaceKernels } from '../services/record/kernels';
import type { LedRecords } from '../services/dispatch/queue/ledRecords';
import { TakingUp, type TakingUpDeps } from '../services/leader/takingUp';
import { inBackground } from './dialogs/background';

interface Deps extends TakingUpDeps {
  readonly kernels: WorkspaceKernels;
  /** With that of the portfolios. */
  readonly records: LedRecords;
}

export class WorkspaceFolders implements vscode.Disposable {
  private readonly subscriptions: { dispose(): unknown }[] = [];

  constructor(private readonly deps: Deps) {
    const takingUp = new TakingUp(deps);
    this.subscriptions.push(
      vscode.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const folder of removed) this.close(folder);
        for (const folder of added) this.open(folder);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const kernel of deps.records.all()) takingUp.look(kernel);
      }),
      deps.records.onDidChangeState(({ kernel }) => takingUp.look(kernel)),
    );
    for (const folder of vscode.workspace.workspaceFolders ?? []) this.open(folder);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** The record is read behind the window's back: opening a folder waits for nothing. */
  private open({ uri }: vscode.WorkspaceFolder): void {
    if (uri.scheme !== 'file') return;
    const kernel = this.deps.kernels.add(uri.fsPath);
    inBackground(this.deps.log, 'loading a record', () => kernel.load());
  }

  private close({ uri }: vscode.WorkspaceFolder): void {
    if (uri.scheme !== 'file') return;
    inBackground(this.deps.log, 'closing a record', () => this.deps.kernels.remove(uri.fsPath));
  }
}
