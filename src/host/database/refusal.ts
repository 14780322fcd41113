/** The two errors with which a database is refused before SQLite opens it. */
import { KernelError } from '../../kernel/errors/errors';
import type { Problem } from '../../kernel/errors/reasons/problem';

/** @throws KernelError `DATABASE_REFUSED`, without the path, which `naming` adds. */
export function refuse(problem: Problem<'DATABASE_REFUSED'>): never {
  throw new KernelError('DATABASE_REFUSED', { path: '', problem });
}

/** @throws KernelError `DATABASE_DAMAGED`, without the path, which `naming` adds. */
export function damaged(problem: Problem<'DATABASE_DAMAGED'>): never {
  throw new KernelError('DATABASE_DAMAGED', { path: '', problem });
}

/** Runs `work`, and adds the path to the error of a refused database. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (KernelError.is(error, 'DATABASE_REFUSED') && error.facts.path === '') {
      throw new KernelError('DATABASE_REFUSED', { ...error.facts, path }, { cause: error });
    }
    if (KernelError.is(error, 'DATABASE_DAMAGED') && error.facts.path === '') {
      throw new KernelError('DATABASE_DAMAGED', { ...error.facts, path }, { cause: error });
    }
    throw error;
  }
}
