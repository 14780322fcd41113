/**
 * The kernels of a window: one for each folder that is open, added and removed at run time
 * (`docs/design/portfolios.md`).
 */
import path from 'node:path';
import type { Change } from '../../kernel/change';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { databaseLocation } from '../../host/files/paths';
import type { KernelState } from './kernelState';
import { ProjectKernel, type KernelDeps } from './projectKernel';

export { ProjectKernel, type KernelDeps, type KernelState };

export interface KernelChange {
  readonly kernel: ProjectKernel;
  readonly change: Change;
}

export interface KernelStateChange {
  readonly kernel: ProjectKernel;
  readonly state: KernelState;
}

export interface FoldersChange {
  readonly added: readonly ProjectKernel[];
  readonly removed: readonly ProjectKernel[];
}

interface Member {
  readonly kernel: ProjectKernel;
  readonly subscriptions: readonly Disposable[];
}

export class WorkspaceKernels {
  private readonly members = new Map<string, Member>();
  private readonly changes: Emitter<KernelChange>;
  private readonly states: Emitter<KernelStateChange>;
  private readonly folders: Emitter<FoldersChange>;

  constructor(private readonly deps: KernelDeps) {
    const onListenerError = (error: unknown): void => deps.log.error('A listener of the kernels failed', { error });
    this.changes = new Emitter(onListenerError);
    this.states = new Emitter(onListenerError);
    this.folders = new Emitter(onListenerError);
  }

  /** Changes of all kernels, in the order they happened. */
  readonly onDidChange = (listener: (event: KernelChange) => void): Disposable => this.changes.event(listener);

  readonly onDidChangeState = (listener: (event: KernelStateChange) => void): Disposable => this.states.event(listener);

  readonly onDidChangeFolders = (listener: (event: FoldersChange) => void): Disposable => this.folders.event(listener);

  /** The folder's kernel, created by the first call and not loaded yet. */
  add(folder: string): ProjectKernel {
    const key = path.resolve(folder);
    const existing = this.members.get(key);
    if (existing !== undefined) return existing.kernel;
    const kernel = new ProjectKernel(databaseLocation(key), this.deps);
    const subscriptions = [
      kernel.onDidChange((change) => this.changes.fire({ kernel, change })),
      kernel.onDidChangeState((state) => this.states.fire({ kernel, state })),
    ];
    this.members.set(key, { kernel, subscriptions });
    this.folders.fire({ added: [kernel], removed: [] });
    return kernel;
  }

  /** Finishes the folder's pending writes and drops its kernel; the rows stay. */
  async remove(folder: string): Promise<void> {
    const key = path.resolve(folder);
    const member = this.members.get(key);
    if (member === undefined) return;
    this.members.delete(key);
    this.folders.fire({ added: [], removed: [member.kernel] });
    await close(member);
  }

  get(folder: string): ProjectKernel | undefined {
    return this.members.get(path.resolve(folder))?.kernel;
  }

  /** In the order they were added. */
  all(): readonly ProjectKernel[] {
    return [...this.members.values()].map((member) => member.kernel);
  }

  /** Finishes all pending writes. */
  async dispose(): Promise<void> {
    const members = [...this.members.values()];
    this.members.clear();
    await Promise.all(members.map(close));
    this.changes.dispose();
    this.states.dispose();
    this.folders.dispose();
  }
}

async function close({ kernel, subscriptions }: Member): Promise<void> {
  await kernel.dispose();
  for (const subscription of subscriptions) subscription.dispose();
}
