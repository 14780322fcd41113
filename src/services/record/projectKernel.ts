/**
 * One project's open record: the image in memory, its file, pending writes, and changes by other processes
 * (`docs/design/architecture.md#write-protocol`). All work on the file goes through one queue.
 */
import { watchFile } from '../../host/image/fileWatch';
import { ImageFile } from '../../host/image/imageFile';
import type { Log } from '../../host/log';
import { createDatabaseFolder, type DatabaseLocation } from '../../host/files/paths';
import { fenceCheck, outsideFence } from '../../host/locks/fence';
import { signed } from '../../kernel/callers/service';
import type { Change } from '../../kernel/change';
import type { Disposable } from '../../kernel/emitter';
import type { LeftOutRows } from '../../kernel/db/rows';
import { KernelError } from '../../kernel/errors/errors';
import type { Reader, Sync, Unit } from '../../kernel/unit';
import { defined } from '../../kernel/defined';
import { refusalOf, type KernelState } from './kernelState';
import { CurrentImage } from './currentImage';
import { RecordSaver } from './recordSaver';
import type { KernelDeps } from './kernelDeps';
import type { ImageSource } from './loadedImage';
import { UnrecordedFailures } from './unrecordedFailures';
import type { WholeRecord } from './wholeRecord';
import { PendingWrite, SerialLine, type AnyWrite } from './writeQueue';

export type { KernelDeps } from './kernelDeps';

export class ProjectKernel {
  /** Failures that this program could not store here. */
  readonly unrecorded: UnrecordedFailures;
  private readonly file: ImageFile;
  private readonly source: ImageSource;
  private readonly log: Log;
  private readonly held: CurrentImage;
  private readonly saver: RecordSaver;
  private readonly line = new SerialLine();
  private pending: AnyWrite[] = [];
  private loading: Promise<void> | undefined;
  private watching: Disposable | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly location: DatabaseLocation,
    private readonly deps: KernelDeps,
  ) {
    this.log = deps.log.scope('kernel');
    this.file = new ImageFile(location, {
      busyTimeoutMs: deps.busyTimeoutMs,
      longestPauseMs: deps.longestPauseMs,
      underLock: () => (deps.trusted() ? this.saver.readerUnderLock() : undefined),
      ...defined({ onStep: deps.onStep }),
      checked: deps.checked,
    });
    const { engine, ports, admit, checksInThread } = deps;
    this.source = { file: this.file, engine, ports, admit, checksInThread };
    const onListenerError = (error: unknown): void => this.log.error('A listener of the kernel failed', { error });
    this.held = new CurrentImage({
      source: this.source,
      log: this.log,
      trusted: deps.trusted,
      onListenerError,
      onGone: () => this.watchAgain(),
    });
    const unreadable = (): KernelError => this.unreadable();
    this.saver = new RecordSaver({
      source: this.source,
      held: this.held,
      log: this.log,
      native: deps.native,
      unreadable,
    });
    this.unrecorded = new UnrecordedFailures(onListenerError);
  }

  /** Absolute path of the project. */
  get folder(): string {
    return this.location.folder;
  }

  /** Absolute path of the database. */
  get path(): string {
    return this.location.path;
  }

  get state(): KernelState {
    return this.held.state;
  }

  /** Counts the images so far. Reads at equal generations give the same result. */
  get generation(): number {
    return this.held.generation;
  }

  /** The `user_version` of the file as it was opened; undefined while nothing can be read. */
  get fileVersion(): number | undefined {
    return this.held.image?.kernel.migration.fileVersion;
  }

  /** Fires after every commit and every reload. */
  readonly onDidChange = (listener: (change: Change) => void): Disposable => this.held.changes.event(listener);

  readonly onDidChangeState = (listener: (state: KernelState) => void): Disposable => this.held.states.event(listener);

  /** Reads the file for the first time. Never throws for problems with it: `state` shows them. */
  load(): Promise<void> {
    if (this.deps.watch !== false && this.closing === undefined) this.watching ??= this.watch();
    return (this.loading ??= this.line.run(async () => {
      if (this.held.state.kind === 'loading' && this.closing === undefined) await this.held.reload();
    }));
  }

  /**
   * Creates the database, or upgrades an older one on disk. Does nothing if it is current.
   * @throws KernelError as `write`, and `DATABASE_PATH`.
   */
  async initialize(): Promise<void> {
    await this.onTurn(async () => {
      await this.file.target();
      await createDatabaseFolder(this.location);
      await this.saver.save(() => [], true);
    });
    await this.load();
  }

  /**
   * Creates the database as a copy of another, complete and durable, or not at all. @throws KernelError `DATABASE_PATH`
   * if it already exists; `DATABASE_DAMAGED` or `DATABASE_MISSING` for a source that is not an intact database, and as
   * `write`.
   */
  async initializeFrom(source: DatabaseLocation): Promise<void> {
    await this.onTurn(async () => {
      const { createAsCopy } = await import('./wholeRecord.js');
      await createAsCopy(this.whole, this.location, source);
    });
    await this.load();
  }

  /** Rows that lists have skipped since the record was loaded. */
  get leftOut(): LeftOutRows | undefined {
    return this.held.image?.kernel.leftOut;
  }

  /**
   * Reads a consistent state. While a write is being saved its changes are already visible. If the save fails, a change
   * event follows that undoes them. @throws KernelError the error of `state` if nothing can be read, or if a newer
   * program's file has no such tables or columns.
   */
  read<T>(work: (reader: Reader) => Sync<T>): T {
    if (this.held.image === undefined) throw this.unreadable();
    try {
      return this.held.image.kernel.read(work);
    } catch (error) {
      const current = this.held.state;
      const isOther = current.kind !== 'readOnly' || current.error.code !== 'DATABASE_NEWER';
      throw isOther || !KernelError.is(error, 'SQL_FAILED') ? error : current.error;
    }
  }

  /**
   * Runs `work` in a transaction; durable when resolved. Writes that arrive together are saved together. A write that
   * throws is undone alone and rejects with its own error. `work` may run more than once.
   * @throws KernelError `DATABASE_BUSY`, `DATABASE_IN_USE`, `DATABASE_CHANGING`, `DATABASE_WRITE_FAILED`,
   * `KERNEL_CLOSED`, `UNTRUSTED`, or the error of `state`; nothing is changed then.
   */
  async write<T>(work: (unit: Unit) => Sync<T>): Promise<T> {
    this.refuseIfNotAllowed();
    const signature = this.deps.signature?.();
    const signedWork = signature === undefined ? work : (unit: Unit) => signed(unit, signature, work);
    const fencedWork = fenced(signedWork);
    return new Promise<T>((resolve, reject) => {
      this.pending.push(new PendingWrite(fencedWork, resolve, reject));
      if (this.pending.length === 1) outsideFence(() => void this.line.run(() => this.flush()));
    });
  }

  /** Reads the file again if another process changed it. Never throws for problems with it. */
  async refresh(): Promise<void> {
    const stoodBack = await this.line.run(async () => {
      // The following save compares the file anyway, and should not wait.
      if (this.pending.length > 0) return true;
      if (this.closing === undefined && !(await this.held.isCurrent())) await this.held.reload();
      return false;
    });
    if (stoodBack) await this.refresh();
  }

  /**
   * Replaces an unusable file with an intact backup, and keeps the file next to it as `<file>.damaged-<UTC time>`.
   * @throws KernelError `DATABASE_DAMAGED` or `DATABASE_MISSING` for a backup that is not an intact database, and as
   * `write`.
   */
  async restoreBackup(backup: string): Promise<void> {
    await this.onTurn(async () => {
      const { replaceDamaged } = await import('./wholeRecord.js');
      await replaceDamaged(this.whole, this.location, backup);
    });
  }

  /**
   * Undoes or merges what a dead program left next to the file, as every write does, and reads the file again. @throws
   * KernelError as `write`, and the error of `state` if the file cannot be used afterwards.
   */
  async recover(): Promise<void> {
    await this.onTurn(async () => {
      const writer = await this.saver.writer();
      await writer.hold(() => Promise.resolve());
      await this.held.reload();
    });
    if (this.held.image === undefined) throw this.unreadable();
  }

  /** Whether a dead program left a log, which the next write merges. */
  hasLeftLog(): Promise<boolean> {
    return this.file.hasLeftLog();
  }

  /** The files that `remove` would delete now, absolute. */
  async files(): Promise<readonly string[]> {
    const { recordFiles } = await import('../../host/image/removal.js');
    return recordFiles(await this.file.target());
  }

  /**
   * Deletes the database with its backups and our other files next to it, and its folder if that is then empty. Also
   * deletes a damaged or read-only database, unless there is a condition: an unreadable one meets none.
   * @throws KernelError `DISPATCHES_LIVE` while agents of this record may be running, `DATABASE_MISSING`, and as
   * `write`; nothing is changed then.
   */
  async remove(condition?: (reader: Reader) => boolean): Promise<void> {
    await this.onTurn(async () => {
      const { removeWhole } = await import('./wholeRecord.js');
      await removeWhole(this.whole, this.path, condition);
    });
  }

  /** Finishes pending writes and releases the file. */
  dispose(): Promise<void> {
    this.watching?.dispose();
    return (this.closing ??= this.line.run(() => {
      this.held.close();
      return Promise.resolve();
    }));
  }

  private get whole(): WholeRecord {
    return { source: this.source, held: this.held, unreadable: () => this.unreadable() };
  }

  private async onTurn(work: () => Promise<void>): Promise<void> {
    this.refuseIfNotAllowed();
    await this.line.run(() => this.saver.saving(work));
  }

  private refuseIfNotAllowed(): void {
    if (!this.deps.trusted()) throw new KernelError('UNTRUSTED', { action: 'change the record' });
    if (this.closing !== undefined) throw new KernelError('KERNEL_CLOSED', { path: this.path });
  }

  private async flush(): Promise<void> {
    const batch: AnyWrite[] = [];
    const take = (): readonly AnyWrite[] => {
      batch.push(...this.pending.splice(0));
      return batch;
    };
    if (this.pending.length === 0) return;
    try {
      await this.saver.saving(() => this.saver.save(take, false));
      for (const write of batch) write.settle();
    } catch (error) {
      for (const write of take()) write.fail(error);
    }
  }

  private watch(): Disposable {
    return watchFile(this.path, { log: this.log }, () => void this.refresh());
  }

  /** The watched folder may have been moved, and another folder, or the same, may be at its path now. */
  private watchAgain(): void {
    if (this.watching === undefined || this.closing !== undefined) return;
    this.watching.dispose();
    this.watching = this.watch();
    void this.refresh();
  }

  private unreadable(): KernelError {
    if (this.closing !== undefined) return new KernelError('KERNEL_CLOSED', { path: this.path });
    return refusalOf(this.held.state, this.path);
  }
}

/** Checked each time that the unit runs, so that nothing is written over changes of another leader. */
function fenced<T>(work: (unit: Unit) => Sync<T>): (unit: Unit) => Sync<T> {
  const check = fenceCheck();
  if (check === undefined) return work;
  return (unit) => {
    check();
    return work(unit);
  };
}
