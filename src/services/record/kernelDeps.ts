/** What the kernel of a project needs. */
import type { CheckedFiles } from '../../host/image/checkedFiles';
import type { SaveStep } from '../../host/image/imageFile';
import type { Log } from '../../host/log';
import type { NativeSqlite } from '../../host/native/messages';
import type { Signature } from '../../kernel/callers/service';
import type { SqliteEngine } from '../../kernel/db/sqlite';
import type { Ports } from '../../kernel/ports';

export interface KernelDeps {
  readonly engine: () => Promise<SqliteEngine>;
  readonly ports: Ports;
  readonly log: Log;
  /** The runtime's SQLite, which then writes the file; undefined if there is none or it must not be used. */
  readonly native?: () => NativeSqlite | undefined;
  /** Whether a large record is checked in a worker thread, so that it does not block this one. */
  readonly checksInThread?: boolean;
  /** How long a write waits for other processes. */
  readonly busyTimeoutMs: number;
  /** The longest delay between two tries while it waits; defaults to the short delay of a window. */
  readonly longestPauseMs?: number | undefined;
  /** False for a process that ends before anything could change; otherwise changes by others are noticed. */
  readonly watch?: boolean;
  /** Whether files may be changed. Read at every write and before leftovers are removed. */
  readonly trusted: () => boolean;
  /** The caller of a write, read as it starts. Work without a caller is not signed. */
  readonly signature?: () => Signature | undefined;
  /** Called for every completed step of a save. */
  readonly onStep?: (step: SaveStep) => void;
  /** The files that were already checked; without it each kernel checks its file once. */
  readonly checked?: CheckedFiles;
  /** Refuses a database before anything of it is read: in `ic`, a record of another user. @throws KernelError */
  readonly admit?: (database: string) => void;
}
