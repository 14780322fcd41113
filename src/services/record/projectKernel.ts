/**
 * One project's open record: the image in memory, its file, pending writes, and changes by other processes
 * (`docs/design/architecture.md#write-protocol`). All work on the file goes through one queue.
 */
import { rm } from 'node:fs/promises';
import { saveFailure } from '../../host/files/fileErrors';
import { watchFile } from '../../host/image/fileWatch';
import { ImageFile, type SaveStep } from '../../host/image/imageFile';
import type { Snapshot } from '../../host/image/imageReading';
import type { CheckedFiles } from '../../host/image/checkedFiles';
import type { NativeSqlite } from '../../host/native/messages';
import type { Log } from '../../host/log';
import { createDatabaseFolder, type DatabaseLocation } from '../../host/files/paths';
import { fenceCheck, outsideFence } from '../../host/locks/fence';
import { signed, type Signature } from '../../kernel/callers/service';
import { Touched, type Change } from '../../kernel/change';
import type { SqliteEngine } from '../../kernel/db/sqlite';
import { countActive } from '../../kernel/dispatch/activeCount';
import { Emitter, type Disposable } from '../../kernel/emitter';
import type { LeftOutRows } from '../../kernel/db/rows';
import { KernelError } from '../../kernel/errors/errors';
import type { Ports } from '../../kernel/ports';
import type { Reader, Sync, Unit } from '../../kernel/unit';
import { defined } from '../../kernel/defined';
import { refusalOf, sameState, type KernelState } from './kernelState';
import { LoadedImage, type ImageSource, type SaveOutcome } from './loadedImage';
import { openDatabase, readSound } from './recordOpening';
import { UnrecordedFailures } from './unrecordedFailures';
import { NativeWriter } from './nativeWriter';
import type { RecordWriter, WriteSession } from './recordWriter';
import { PendingWrite, SerialLine, type AnyWrite } from './writeQueue';

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

/** How often a write is run again because the file changed under it. */
const MAX_ATTEMPTS = 10;

export class ProjectKernel {
  /** Failures that this program could not store here. */
  readonly unrecorded: UnrecordedFailures;
  private readonly file: ImageFile;
  private readonly source: ImageSource;
  private readonly log: Log;
  private readonly changes: Emitter<Change>;
  private readonly states: Emitter<KernelState>;
  private readonly line = new SerialLine();
  private pending: AnyWrite[] = [];
  private image: LoadedImage | undefined;
  private current: KernelState = { kind: 'loading' };
  private generations = 0;
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
      underLock: () => (deps.trusted() ? this.readerUnderLock() : undefined),
      ...defined({ onStep: deps.onStep }),
      checked: deps.checked,
    });
    const { engine, ports, admit, checksInThread } = deps;
    this.source = { file: this.file, engine, ports, admit, checksInThread };
    const onListenerError = (error: unknown): void => this.log.error('A listener of the kernel failed', { error });
    this.changes = new Emitter(onListenerError);
    this.states = new Emitter(onListenerError);
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
    return this.current;
  }

  /** Counts the images so far. Reads at equal generations give the same result. */
  get generation(): number {
    return this.generations;
  }

  /** The `user_version` of the file as it was opened; undefined while nothing can be read. */
  get fileVersion(): number | undefined {
    return this.image?.kernel.migration.fileVersion;
  }

  /** Fires after every commit and every reload. */
  readonly onDidChange = (listener: (change: Change) => void): Disposable => this.changes.event(listener);

  readonly onDidChangeState = (listener: (state: KernelState) => void): Disposable => this.states.event(listener);

  /** Reads the file for the first time. Never throws for problems with it: `state` shows them. */
  load(): Promise<void> {
    if (this.deps.watch !== false && this.closing === undefined) this.watching ??= this.watch();
    return (this.loading ??= this.line.run(async () => {
      if (this.current.kind === 'loading' && this.closing === undefined) await this.reload();
    }));
  }

  /**
   * Creates the database, or upgrades an older one on disk. Does nothing if it is current.
   * @throws KernelError as `write`, and `DATABASE_PATH`.
   */
  async initialize(): Promise<void> {
    this.refuseIfNotAllowed();
    await this.line.run(() =>
      this.saving(async () => {
        await this.file.target();
        await createDatabaseFolder(this.location);
        await this.save(() => [], true);
      }),
    );
    await this.load();
  }

  /**
   * Creates the database as a copy of another, complete and durable, or not at all. @throws KernelError `DATABASE_PATH`
   * if it already exists; `DATABASE_DAMAGED` or `DATABASE_MISSING` for a source that is not an intact database, and as
   * `write`.
   */
  async initializeFrom(source: DatabaseLocation): Promise<void> {
    this.refuseIfNotAllowed();
    await this.line.run(() =>
      this.saving(async () => {
        const content = await readSound({ ...this.source, file: new ImageFile(source, this.file.options) });
        await this.file.target();
        await createDatabaseFolder(this.location);
        const saved = await this.file.lock((lock) => this.file.replace(lock, content, undefined));
        await this.reload();
        if (saved !== undefined) return;
        throw new KernelError('DATABASE_PATH', { path: this.path, problem: 'a database already exists' });
      }),
    );
    await this.load();
  }

  /** Rows that lists have skipped since the record was loaded. */
  get leftOut(): LeftOutRows | undefined {
    return this.image?.kernel.leftOut;
  }

  /**
   * Reads a consistent state. While a write is being saved its changes are already visible. If the save fails, a change
   * event follows that undoes them. @throws KernelError the error of `state` if nothing can be read, or if a newer
   * program's file has no such tables or columns.
   */
  read<T>(work: (reader: Reader) => Sync<T>): T {
    if (this.image === undefined) throw this.unreadable();
    try {
      return this.image.kernel.read(work);
    } catch (error) {
      const { current } = this;
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
      if (this.closing === undefined && !(await this.isCurrent())) await this.reload();
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
    this.refuseIfNotAllowed();
    await this.line.run(() =>
      this.saving(async () => {
        const file = new ImageFile({ folder: this.folder, path: backup }, this.file.options);
        const content = await readSound({ ...this.source, file });
        const { keepDamaged } = await import('../../host/image/backups.js');
        const restored = await this.file.lock(async (lock) => {
          await keepDamaged(lock.file, this.deps.ports.clock.nowMs());
          return this.file.replace(lock, content, await this.file.generation());
        });
        await this.reload();
        if (restored === undefined) throw new KernelError('DATABASE_CHANGING', { path: this.path, attempts: 1 });
      }),
    );
  }

  /**
   * Undoes or merges what a dead program left next to the file, as every write does, and reads the file again. @throws
   * KernelError as `write`, and the error of `state` if the file cannot be used afterwards.
   */
  async recover(): Promise<void> {
    this.refuseIfNotAllowed();
    await this.line.run(() =>
      this.saving(async () => {
        const writer = await this.writer();
        await writer.hold(() => Promise.resolve());
        await this.reload();
      }),
    );
    if (this.image === undefined) throw this.unreadable();
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
    this.refuseIfNotAllowed();
    await this.line.run(() =>
      this.saving(async () => {
        const { removeEmptyFolder, removeRecord } = await import('../../host/image/removal.js');
        await this.file.lock(async (lock) => {
          await this.file.whenUnused(lock, 'ignore');
          await this.reload();
          if (this.current.kind === 'missing') throw this.unreadable();
          const active = this.image?.kernel.read((reader) => countActive(reader)) ?? 0;
          if (active > 0) throw new KernelError('DISPATCHES_LIVE', { path: this.path, active });
          if (condition !== undefined && this.image?.kernel.read(condition) !== true) return;
          await removeRecord(lock.file, this.path);
        });
        await removeEmptyFolder(this.path);
        await this.reload();
      }),
    );
  }

  /** Finishes pending writes and releases the file. */
  dispose(): Promise<void> {
    this.watching?.dispose();
    return (this.closing ??= this.line.run(() => {
      this.image?.close();
      this.image = undefined;
      this.changes.dispose();
      this.states.dispose();
      return Promise.resolve();
    }));
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
      await this.saving(() => this.save(take, false));
      for (const write of batch) write.settle();
    } catch (error) {
      for (const write of take()) write.fail(error);
    }
  }

  /** Converts every error of a save to its final form. */
  private async saving(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const failure = saveFailure(this.path, error);
      if (KernelError.is(failure, 'DATABASE_MISSING')) await this.reload();
      if (!KernelError.is(failure, 'DATABASE_WRITE_FAILED')) throw failure;
      // A program that may not write now cannot write next time either, and the state should show that beforehand.
      if (failure.facts.reason === 'permission') await this.reload();
      this.log.warn('A save failed', { error: failure });
      throw this.current.kind === 'readOnly' ? this.current.error : failure;
    }
  }

  private async save(take: () => readonly AnyWrite[], initializing: boolean): Promise<void> {
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
      const outcome = await this.attempt(take, initializing);
      if (outcome.kind === 'saved') this.announce('commit', outcome.touched);
      if (outcome.kind !== 'overtaken') return;
    }
    throw new KernelError('DATABASE_CHANGING', { path: this.path, attempts: MAX_ATTEMPTS });
  }

  private async attempt(take: () => readonly AnyWrite[], initializing: boolean): Promise<SaveOutcome> {
    let image: LoadedImage | undefined;
    let outcome: SaveOutcome = { kind: 'overtaken' };
    const backups: string[] = [];
    const backup = (path: string): unknown => backups.push(path);
    try {
      const writer = await this.writer();
      outcome = await writer.hold(async (session) => {
        this.file.step('locked');
        const current = await this.writableImage(session, initializing);
        this.file.step('compared');
        if (initializing && !current.needsSave) return { kind: 'unchanged' };
        image = current;
        return image.save(session, take, { force: initializing, backup });
      });
    } finally {
      // A backup is of the content that was saved over.
      if (outcome.kind !== 'saved') await Promise.all(backups.map((path) => rm(path, { force: true })));
      if (outcome.kind === 'overtaken' && image !== undefined) {
        // Readers keep the old image until a new one exists.
        await this.reload();
        image.close();
      }
    }
    if (image !== undefined && image !== this.image && outcome.kind === 'saved') this.hold(image, { kind: 'ready' });
    return outcome;
  }

  /** The image of the current file, read again if necessary. @throws KernelError the error of `state` otherwise. */
  private async writableImage(session: WriteSession, initializing: boolean): Promise<LoadedImage> {
    const isCurrent = this.current.kind === 'ready' && this.image?.isOf(session.generation) === true;
    if (!isCurrent) await this.reload(() => session.read());
    const state = this.current;
    if (state.kind === 'missing' && initializing) return LoadedImage.create(this.source);
    if (state.kind === 'readOnly') throw state.error;
    if (this.image === undefined) throw this.unreadable();
    return this.image;
  }

  private async writer(): Promise<RecordWriter> {
    const native = this.nativeWriter;
    if (native !== undefined) return native;
    const { ImageWriter } = await import('./imageWriter.js');
    return new ImageWriter(this.file);
  }

  private get nativeWriter(): NativeWriter | undefined {
    const native = this.deps.native?.();
    return native && new NativeWriter(this.file, native);
  }

  private readerUnderLock(): (() => Promise<Snapshot | undefined>) | undefined {
    const writer = this.nativeWriter;
    return writer && (() => writer.read());
  }

  /** Whether nothing must be read again. A state other than `ready` may change without the file's content. */
  private async isCurrent(): Promise<boolean> {
    if (this.current.kind !== 'ready') return false;
    try {
      return this.image?.isOf(await this.file.generation()) === true;
    } catch (error) {
      this.log.info('The database could not be compared; reading it again', { error });
      return false;
    }
  }

  private async reload(read?: () => Promise<Snapshot | undefined>): Promise<void> {
    const had = this.image !== undefined;
    const { image, state } = await openDatabase(this.source, this.log, this.deps.trusted(), read);
    this.hold(image, state);
    if (had || image !== undefined) this.announce('file', new Touched());
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

  private hold(image: LoadedImage | undefined, state: KernelState): void {
    if (this.image !== undefined && state.kind === 'missing') this.watchAgain();
    if (this.image !== image) this.image?.close();
    this.image = image;
    const before = this.current;
    this.current = state;
    if (!sameState(before, state)) this.states.fire(state);
  }

  private unreadable(): KernelError {
    if (this.closing !== undefined) return new KernelError('KERNEL_CLOSED', { path: this.path });
    return refusalOf(this.current, this.path);
  }

  private announce(origin: Change['origin'], touched: Touched): void {
    this.generations += 1;
    const { runs, dispatches, subtasks, other } = touched;
    this.changes.fire({ generation: this.generations, origin, runs, dispatches, subtasks, other });
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
