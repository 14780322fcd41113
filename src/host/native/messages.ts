/** Requests to the native library and its responses: plain data, so that it may run in another thread. */
import type { RecordedStatement } from '../../kernel/db/recordedStatements';
import type { Generation } from '../database/generation';

export type NativeRequest =
  /**
   * Opens the file and starts a transaction: `write` with the writer's lock, `read` with a reader's. `create` creates a
   * missing file.
   */
  | {
      readonly kind: 'start';
      readonly session: number;
      readonly file: string;
      readonly purpose: 'read' | 'write' | 'create';
    }
  /** Reads the database as the transaction sees it. */
  | { readonly kind: 'read'; readonly session: number }
  | { readonly kind: 'replay'; readonly session: number; readonly statements: readonly RecordedStatement[] }
  | { readonly kind: 'commit'; readonly session: number }
  /** Undoes what is not committed and closes the file. */
  | { readonly kind: 'end'; readonly session: number };

export type NativeAnswer =
  | { readonly kind: 'started'; readonly generation: Generation }
  | { readonly kind: 'absent' }
  /** Another program holds a lock; the request may be made again. */
  | { readonly kind: 'busy' }
  | {
      readonly kind: 'content';
      readonly main: Uint8Array;
      readonly log: Uint8Array | undefined;
      readonly generation: Generation;
    }
  | { readonly kind: 'replayed' }
  /** A statement did something else here than it did in memory. */
  | { readonly kind: 'differs'; readonly problem: string }
  | { readonly kind: 'committed'; readonly generation: Generation }
  | { readonly kind: 'ended' }
  /** `code`: SQLite's extended result code, or the system's. */
  | { readonly kind: 'failed'; readonly code: number | string | undefined; readonly problem: string };

/** Handles requests, one after another. */
export interface NativeSqlite {
  ask(request: NativeRequest): Promise<NativeAnswer>;
}
