/** Context keys that follow their sources. */
import type { Disposable } from '../../kernel/emitter';
import type { ContextValues } from '../../contract/contextKeys';
import type { WorkspaceKernels } from '../../services/record/kernels';
import type { ContextKeys } from './contextKeys';

export type Subscribe = (listener: () => void) => { dispose(): void };

export interface Following<V> {
  readonly keys: ContextKeys;
  /** Of everything that the values are made of. */
  readonly changes: readonly Subscribe[];
  values(): V;
  /** What is set when it is no longer followed. */
  readonly empty: V;
}

/** Sets the values at once and after every change; several changes in one turn of the loop count once. */
export class SyncedContextKeys<V extends Partial<ContextValues>> implements Disposable {
  private readonly subscriptions: readonly { dispose(): void }[];
  private scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly following: Following<V>) {
    const changed = (): void => this.changed();
    this.subscriptions = following.changes.map((subscribe) => subscribe(changed));
    this.changed();
  }

  dispose(): void {
    clearImmediate(this.scheduled);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.following.keys.set(this.following.empty);
  }

  private changed(): void {
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      this.following.keys.set(this.following.values());
    });
  }
}

/** What tells that records of the open folders, or which those are, may differ. */
export function ofRecords(kernels: WorkspaceKernels): readonly Subscribe[] {
  return [
    (listener) => kernels.onDidChange(listener),
    (listener) => kernels.onDidChangeState(listener),
    (listener) => kernels.onDidChangeFolders(listener),
  ];
}
