/** Keeps the context keys of the *Needs You* view in step with what waits (design §13). */
import type * as vscode from 'vscode';
import { EMPTY_ATTENTION_CONTEXT } from '../contract/contextKeys';
import type { Attention } from '../services/attention/attention';
import type { WorkspaceKernels } from '../services/kernels';
import type { ContextKeys } from './contextKeys';

interface Deps {
  readonly attention: Pick<Attention, 'items' | 'onDidChange'>;
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
}

export class AttentionContext implements vscode.Disposable {
  private readonly following: { dispose(): void };
  private scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly deps: Deps) {
    this.following = deps.attention.onDidChange(() => this.changed());
    this.changed();
  }

  dispose(): void {
    clearImmediate(this.scheduled);
    this.following.dispose();
    this.deps.keys.set(EMPTY_ATTENTION_CONTEXT);
  }

  /** Several changes in one turn of the loop count once. */
  private changed(): void {
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      const { attention, kernels, keys } = this.deps;
      const isLoading = kernels.all().some(({ state }) => state.kind === 'loading');
      keys.set({
        'intercore.needPresent': attention.items().length > 0,
        'intercore.needEmptiness': isLoading ? 'loading' : 'nothing',
      });
    });
  }
}
