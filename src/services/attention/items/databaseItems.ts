/** Items for a folder whose database has a problem. */
import path from 'node:path';
import type { AttentionAction, AttentionKind } from '../../../contract/results/attention';
import type { ErrorCode, KernelError } from '../../../kernel/errors/errors';
import type { KernelState } from '../../record/kernelState';
import type { ItemDraft } from './item';

const BUSY: ReadonlySet<ErrorCode> = new Set([
  'DATABASE_IN_USE',
  'DATABASE_BUSY',
  'DATABASE_HOT_JOURNAL',
  'DATABASE_LOG_LEFT',
]);

export function databaseItems(folder: string, state: KernelState): ItemDraft[] {
  const trouble = troubleOf(state);
  if (trouble === undefined) return [];
  const { kind, action, error } = trouble;
  const facts = { problem: error.message };
  return [{ kind, title: path.basename(folder), facts, since: null, action, place: { kind: 'folder' } }];
}

function troubleOf(
  state: KernelState,
): { readonly kind: AttentionKind; readonly action: AttentionAction; readonly error: KernelError } | undefined {
  switch (state.kind) {
    case 'missing':
    case 'loading':
    case 'ready':
      return undefined;
    case 'readOnly': {
      const { error } = state;
      const isNewer = error.code === 'DATABASE_NEWER';
      return { kind: isNewer ? 'databaseNewer' : 'databaseReadOnly', action: isNewer ? 'log' : 'reload', error };
    }
    case 'failed': {
      const { error, backup } = state;
      if (error.code !== 'DATABASE_DAMAGED') {
        return { kind: BUSY.has(error.code) ? 'databaseBusy' : 'databaseUnreadable', action: 'reload', error };
      }
      return { kind: 'databaseDamaged', action: backup === undefined ? 'log' : 'restore', error };
    }
  }
}
