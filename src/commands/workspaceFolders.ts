/** Keeps one kernel for each open folder on disk, and takes up the agents that still run there (design §7, §8). */
import * as vscode from 'vscode';
import type { Log } from '../host/log';
import type { Dispatcher } from '../services/dispatcher';
import type { ProjectKernel, WorkspaceKernels } from '../services/kernels';
import { inBackground } from './background';

interface Deps {
  readonly kernels: WorkspaceKernels;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  trusted(): boolean;
  /** Told when the agents of a kernel were taken up. */
  tookUp(kernel: ProjectKernel): void;
}

export class WorkspaceFolders implements vscode.Disposable {
  private readonly subscriptions: { dispose(): unknown }[] = [];
  /** Kernels whose agents were taken up. */
  private readonly adopted = new WeakSet<ProjectKernel>();

  constructor(private readonly deps: Deps) {
    this.subscriptions.push(
      vscode.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const folder of removed) this.close(folder);
        for (const folder of added) this.open(folder);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const kernel of deps.kernels.all()) this.takeUp(kernel);
      }),
      deps.kernels.onDidChangeState(({ kernel }) => this.takeUp(kernel)),
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

  /** Once for each kernel, as soon as it may be written: settling what ended meanwhile is a change. */
  private takeUp(kernel: ProjectKernel): void {
    if (kernel.state.kind !== 'ready' || !this.deps.trusted() || this.adopted.has(kernel)) return;
    this.adopted.add(kernel);
    inBackground(this.deps.log, 'taking up dispatches', async () => {
      const report = await this.deps.dispatcher.adopt(kernel);
      this.deps.log.info('dispatches taken up', { folder: kernel.folder, ...report });
      this.deps.tookUp(kernel);
    });
  }
}
