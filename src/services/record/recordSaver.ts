/** Saves of a record: from the image in memory to the file, again where another program wrote first. */
import { rm } from 'node:fs/promises';
import { saveFailure } from '../../host/files/fileErrors';
import type { ImageFile } from '../../host/image/imageFile';
import type { Snapshot } from '../../host/image/imageReading';
import type { Log } from '../../host/log';
import type { NativeSqlite } from '../../host/native/messages';
import { KernelError } from '../../kernel/errors/errors';
import type { CurrentImage } from './currentImage';
import { LoadedImage, type ImageSource, type SaveOutcome } from './loadedImage';
import { NativeWriter } from './writers/nativeWriter';
import type { RecordWriter, WriteSession } from './writers/recordWriter';
import type { AnyWrite } from './writeQueue';

export interface SaverOptions {
  readonly source: ImageSource;
  readonly held: CurrentImage;
  readonly log: Log;
  readonly native: (() => NativeSqlite | undefined) | undefined;
  /** Why nothing can be read now. */
  readonly unreadable: () => KernelError;
}

/** How often a write is run again because the file changed under it. */
const MAX_ATTEMPTS = 10;

export class RecordSaver {
  private readonly file: ImageFile;
  private readonly held: CurrentImage;

  constructor(private readonly options: SaverOptions) {
    this.file = options.source.file;
    this.held = options.held;
  }

  /** Converts every error of a save to its final form. */
  async saving(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const failure = saveFailure(this.file.path, error);
      if (KernelError.is(failure, 'DATABASE_MISSING')) await this.held.reload();
      if (!KernelError.is(failure, 'DATABASE_WRITE_FAILED')) throw failure;
      // A program that may not write now cannot write next time either, and the state should show that beforehand.
      if (failure.facts.reason === 'permission') await this.held.reload();
      this.options.log.warn('A save failed', { error: failure });
      throw this.held.state.kind === 'readOnly' ? this.held.state.error : failure;
    }
  }

  /**
   * Saves the writes that `take` gives under the lock. `initializing`: creates or upgrades the file, if it is not current.
   * @throws KernelError `DATABASE_CHANGING`, and those of the write
   */
  async save(take: () => readonly AnyWrite[], initializing: boolean): Promise<void> {
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
      const outcome = await this.attempt(take, initializing);
      if (outcome.kind === 'saved') this.held.announce('commit', outcome.touched);
      if (outcome.kind !== 'overtaken') return;
    }
    throw new KernelError('DATABASE_CHANGING', { path: this.file.path, attempts: MAX_ATTEMPTS });
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
        await this.held.reload();
        image.close();
      }
    }
    if (image !== undefined && image !== this.held.image && outcome.kind === 'saved')
      this.held.hold(image, { kind: 'ready' });
    return outcome;
  }

  /** The image of the current file, read again if necessary. @throws KernelError the error of `state` otherwise. */
  private async writableImage(session: WriteSession, initializing: boolean): Promise<LoadedImage> {
    const isCurrent = this.held.state.kind === 'ready' && this.held.image?.isOf(session.generation) === true;
    if (!isCurrent) await this.held.reload(() => session.read());
    const state = this.held.state;
    if (state.kind === 'missing' && initializing) return LoadedImage.create(this.options.source);
    if (state.kind === 'readOnly') throw state.error;
    if (this.held.image === undefined) throw this.options.unreadable();
    return this.held.image;
  }

  /** SQLite of the runtime if it may be used, else the image. */
  async writer(): Promise<RecordWriter> {
    const native = this.nativeWriter;
    if (native !== undefined) return native;
    const { ImageWriter } = await import('./writers/imageWriter.js');
    return new ImageWriter(this.file);
  }

  private get nativeWriter(): NativeWriter | undefined {
    const native = this.options.native?.();
    return native && new NativeWriter(this.file, native);
  }

  /** Reads through SQLite of the runtime if it may be used. */
  readerUnderLock(): (() => Promise<Snapshot | undefined>) | undefined {
    const writer = this.nativeWriter;
    return writer && (() => writer.read());
  }
}
