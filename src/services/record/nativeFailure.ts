/** The meaning of the native library's result codes for a record. */
import type { NativeAnswer } from '../../host/native/messages';
import { KernelError } from '../../kernel/errors/errors';

/** Primary result codes (SQLite's documentation of them). */
const [PERM, READONLY, CORRUPT, FULL, CANTOPEN, NOTADB] = [3, 8, 11, 13, 14, 26];
/** A write that a quota or file size limit cut short. A full disk is `FULL` or one of these. */
const NO_ROOM = [(3 << 8) | 10, (6 << 8) | 10, (19 << 8) | 10];

/** The error of a request that failed. Nothing was changed then. */
export function nativeFailure(
  path: string,
  { code, problem }: Extract<NativeAnswer, { kind: 'failed' }>,
): KernelError | Error {
  // Like the system's own errors, which `fileErrors.ts` knows.
  if (typeof code === 'string') return Object.assign(new Error(problem), { code });
  const primary = code === undefined ? undefined : code & 0xff;
  if (primary === CORRUPT || primary === NOTADB) return new KernelError('DATABASE_DAMAGED', { path, problem });
  const isRefused = primary === PERM || primary === READONLY || primary === CANTOPEN;
  const reason =
    primary === FULL || (code !== undefined && NO_ROOM.includes(code))
      ? 'disk-full'
      : isRefused
        ? 'permission'
        : 'other';
  return new KernelError('DATABASE_WRITE_FAILED', { path, reason, problem });
}
