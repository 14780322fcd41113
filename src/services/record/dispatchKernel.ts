/** The part of a project's kernel that the dispatcher needs. */
import type { Change } from '../../kernel/change';
import type { Disposable } from '../../kernel/emitter';
import type { Reader, Sync, Unit } from '../../kernel/unit';
import type { UnrecordedFailures } from './unrecordedFailures';

export interface DispatchKernel {
  /** Absolute path of the project. */
  readonly folder: string;
  /** Of the database. */
  readonly path: string;
  read<T>(work: (reader: Reader) => Sync<T>): T;
  /** Durable when resolved. */
  write<T>(work: (unit: Unit) => Sync<T>): Promise<T>;
  onDidChange(listener: (change: Change) => void): Disposable;
  readonly unrecorded: UnrecordedFailures;
}

/** The same database, for an agent whose folder may differ from the database's. */
export function kernelIn(kernel: DispatchKernel, folder: string): DispatchKernel {
  if (folder === kernel.folder) return kernel;
  return {
    folder,
    path: kernel.path,
    read: (work) => kernel.read(work),
    write: (work) => kernel.write(work),
    onDidChange: (listener) => kernel.onDidChange(listener),
    unrecorded: kernel.unrecorded,
  };
}
