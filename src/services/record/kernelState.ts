/** What can be done with a project's record now, and the reason for limits. */
import { KernelError } from '../../kernel/errors/errors';

export type KernelState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  /** Reading works: a newer version wrote the file, or it may not be written. */
  | { readonly kind: 'readOnly'; readonly error: KernelError }
  /** Nothing works: damaged, a hot journal, a bad path, unreadable. `backup` is the newest one, for a damaged file. */
  | { readonly kind: 'failed'; readonly error: KernelError; readonly backup?: string };

/** Whether two states are the same for a user. */
export function sameState(state: KernelState, other: KernelState): boolean {
  return state.kind === other.kind && errorOf(state)?.message === errorOf(other)?.message;
}

/** The error of a step that the state does not allow: reading in all states but `ready`, and writing. */
export function refusalOf(state: KernelState, path: string): KernelError {
  switch (state.kind) {
    case 'failed':
    case 'readOnly':
      return state.error;
    case 'missing':
      return new KernelError('DATABASE_MISSING', { path });
    case 'loading':
    case 'ready':
      return new KernelError('DATABASE_LOADING', { path });
  }
}

function errorOf(state: KernelState): KernelError | undefined {
  return 'error' in state ? state.error : undefined;
}
