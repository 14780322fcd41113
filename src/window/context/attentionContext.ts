/** Keeps the context keys of the *Needs You* view in step with what waits. */
import { EMPTY_ATTENTION_CONTEXT, type AttentionContextValues } from '../../contract/contextKeys';
import type { Attention } from '../../services/attention/attention';
import type { WorkspaceKernels } from '../../services/record/kernels';
import type { ContextKeys } from './contextKeys';
import { SyncedContextKeys } from './syncedContextKeys';

interface Deps {
  readonly attention: Pick<Attention, 'items' | 'onDidChange'>;
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
}

export function keepAttentionContext({ attention, kernels, keys }: Deps): SyncedContextKeys<AttentionContextValues> {
  return new SyncedContextKeys({
    keys,
    changes: [attention.onDidChange],
    empty: EMPTY_ATTENTION_CONTEXT,
    values: () => {
      const isLoading = kernels.all().some(({ state }) => state.kind === 'loading');
      return {
        'intercore.needPresent': attention.items().length > 0,
        'intercore.needEmptiness': isLoading ? 'loading' : 'nothing',
      };
    },
  });
}
