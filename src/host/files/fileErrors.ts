/** The meaning of the operating system's errors for a database file. Only this file knows their codes. */
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';

/** The system's code of an error (`ENOENT`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a call of the system failed, rather than a rule of the program. */
export function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && systemCode(error) !== undefined;
}

/** The file, or its folder, does not exist. */
export function isNoEntry(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The result of accessing a file; undefined if it does not exist. Other errors are thrown. */
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

/** The error of a failed step of saving. Errors of the kernel, and bugs, are not changed. */
export function saveFailure(file: string, error: unknown): unknown {
  if (error instanceof KernelError || systemCode(error) === undefined) return error;
  const reason = isFull(error) ? 'disk-full' : isPermission(error) ? 'permission' : 'other';
  return new KernelError(
    'DATABASE_WRITE_FAILED',
    { path: file, reason, problem: foreignText(problemOf(error)) },
    { cause: error },
  );
}

/** The error of a failed step of reading. */
export function readFailure(file: string, error: unknown): KernelError {
  if (error instanceof KernelError) return error as KernelError;
  return new KernelError('FILE_UNREADABLE', { path: file, problem: foreignText(problemOf(error)) }, { cause: error });
}
