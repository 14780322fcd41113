/** What the dispatcher needs of a project's kernel. */
import type { Change } from '../../kernel/change';
import type { Disposable } from '../../kernel/emitter';
import type { Reader, Sync, Unit } from '../../kernel/unit';

export interface DispatchKernel {
  /** Absolute path of the project. */
  readonly folder: string;
  /** Of the database. */
  readonly path: string;
  read<T>(work: (reader: Reader) => Sync<T>): T;
  /** Durable when resolved. */
  write<T>(work: (unit: Unit) => Sync<T>): Promise<T>;
  onDidChange(listener: (change: Change) => void): Disposable;
}
