/** What the operating system's errors mean for a database file. The only file that knows their codes. */
import { KernelError, problemOf } from '../../kernel/errors/errors';

/** The system's code of an error (`ENOENT`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a call of the system failed, rather than a rule of the program. */
export function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && systemCode(error) !== undefined;
}

/** Nothing is there: neither the file nor perhaps its folder. */
export function isNoEntry(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The outcome of a look at a file, or undefined where nothing is there. Other errors stay errors. */
export async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isNoEntry(error)) return undefined;
    throw error;
  }
}

export function isPermission(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

function isFull(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

/** A failed step of saving, as the caller of a write sees it. Errors of the kernel, and bugs, stay what they are. */
export function saveFailure(file: string, error: unknown): unknown {
  if (error instanceof KernelError || systemCode(error) === undefined) return error;
  const reason = isFull(error) ? 'disk-full' : isPermission(error) ? 'permission' : 'other';
  return new KernelError('DATABASE_WRITE_FAILED', { path: file, reason, problem: problemOf(error) }, { cause: error });
}

/** A failed step of reading. */
export function readFailure(file: string, error: unknown): KernelError {
  if (error instanceof KernelError) return error as KernelError;
  return new KernelError('FILE_UNREADABLE', { path: file, problem: problemOf(error) }, { cause: error });
}
