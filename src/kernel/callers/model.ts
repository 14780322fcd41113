/**
 * Who changed the record: every write is signed with its caller and the requested operation
 * (`docs/design/architecture.md#promises`).
 */
import type { RunId } from '../ids';

export interface Signature {
  /** `vscode` for a person in the editor, `ic` for a shell, `agent <dispatch>`, `mcp:<client>` and the like. */
  readonly caller: string;
  /** The operation's name in the API, or the words of a command line. */
  readonly operation: string;
}

export interface SignedWrite extends Signature {
  readonly id: number;
  /** The run it changed; null where it changed none, or several. */
  readonly runId: RunId | null;
  /** Unix seconds. */
  readonly createdAt: number;
}

export interface WritesQuery {
  readonly runId?: string;
  /** At most this many; 1000 where absent. */
  readonly limit?: number;
}
