/**
 * Who changed the record: every write is signed with its caller and the requested operation
 * (`docs/design/architecture.md#promises`).
 */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { runId } from '../ids';

export interface Signature {
  /** `vscode` for a person in the editor, `ic` for a shell, `agent <dispatch>`, `mcp:<client>` and the like. */
  readonly caller: string;
  /** The operation's name in the API, or the words of a command line. */
  readonly operation: string;
}

/** Writes with their callers and operations. */
export const SIGNED_WRITES = defineTable('signed_writes', {
  id: column('id', z.int()),
  caller: column('caller', z.string()),
  operation: column('operation', z.string()),
  /** The run it changed; null where it changed none, or several. */
  runId: column('run_id', runId.nullable()),
  /** Unix seconds. */
  createdAt: column('created_at', z.int()),
});
export type SignedWrite = RowOf<typeof SIGNED_WRITES>;

export interface WritesQuery {
  readonly runId?: string;
  /** At most this many; 1000 where absent. */
  readonly limit?: number;
}
