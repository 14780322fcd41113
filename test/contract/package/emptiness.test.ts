/** Which welcome the views show, for every way the folders can stand (`docs/design/editor.md`). */
import assert from 'node:assert/strict';
import { emptinessOf } from '../../../src/window/context/recordContext';
import type { Emptiness } from '../../../src/contract/contextKeys';
import { KernelError } from '../../../src/kernel/errors/errors';
import { foreignText } from '../../../src/kernel/errors/reasons/problem';
import type { KernelState } from '../../../src/services/record/kernels';

const error = new KernelError('DATABASE_DAMAGED', { path: 'intercore.db', problem: foreignText<string>('test') });
const missing: KernelState = { kind: 'missing' };
const loading: KernelState = { kind: 'loading' };
const ready: KernelState = { kind: 'ready' };
const readOnly: KernelState = { kind: 'readOnly', error };
const failed: KernelState = { kind: 'failed', error };
const damaged: KernelState = { kind: 'failed', error, backup: 'intercore.db.backup-1' };

/** Folders, and what is shown in a trusted and in an untrusted window. */
const CASES: readonly (readonly [readonly KernelState[], Emptiness, Emptiness])[] = [
  [[], 'noFolder', 'noFolder'],
  [[missing], 'missing', 'untrusted'],
  [[loading], 'loading', 'loading'],
  [[failed], 'failed', 'failed'],
  [[damaged], 'damaged', 'damaged'],
  [[readOnly], 'readOnly', 'readOnly'],
  [[ready], 'ready', 'readOnly'],
  [[missing, ready], 'ready', 'readOnly'],
  [[failed, readOnly], 'readOnly', 'readOnly'],
  [[failed, damaged], 'damaged', 'damaged'],
  [[missing, loading], 'loading', 'loading'],
];

describe('the welcome of the views', () => {
  for (const [states, trusted, untrusted] of CASES) {
    const folders = states.map(({ kind }) => kind).join(' and ') || 'no folder';
    it(`is "${trusted}" for ${folders}, or "${untrusted}" in an untrusted window`, () => {
      assert.equal(emptinessOf(states, true), trusted);
      assert.equal(emptinessOf(states, false), untrusted);
    });
  }
});
