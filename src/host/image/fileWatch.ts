/**
 * Reports when a file, of a database or a log, may have been changed, created, replaced or deleted by another process
 * (`docs/design/editor.md#changes`). It watches the file's folder or, while that is missing, the parent folder; if the
 * system cannot watch, it checks at intervals. It never keeps the process alive.
 */
import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../../kernel/emitter';
import { isNoEntry } from '../files/fileErrors';
import { generationOf, type Generation } from '../database/generation';
import type { Log } from '../log';
import { asPlainFile } from '../database/rawAccess';

export interface FileWatchOptions {
  readonly log: Log;
  /** Events closer together than this are reported once. */
  readonly settleMs?: number;
  /** How often to check if the system cannot watch. */
  readonly pollMs?: number;
}

const SETTLE_MS = 50;
const POLL_MS = 2_000;

/** Calls `onChange` after every possible change of `file`, including our own. */
export function watchFile(file: string, options: FileWatchOptions, onChange: () => void): Disposable {
  return new FileWatch(file, options, onChange);
}

class FileWatch implements Disposable {
  private watcher: FSWatcher | undefined;
  private settling: NodeJS.Timeout | undefined;
  private polling: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(
    private readonly file: string,
    private readonly options: FileWatchOptions,
    private readonly onChange: () => void,
  ) {
    this.start();
  }

  dispose(): void {
    this.disposed = true;
    this.watcher?.close();
    clearTimeout(this.settling);
    clearTimeout(this.polling);
  }

  private start(): void {
    const folder = path.dirname(this.file);
    const names = new Set([path.basename(this.file), `${path.basename(this.file)}-wal`]);
    try {
      if (this.tryWatch(folder, (name) => names.has(name))) return;
      // The folder appears when the project is initialized, and is then watched instead.
      if (this.tryWatch(path.dirname(folder), (name) => name === path.basename(folder))) return;
    } catch (error) {
      this.options.log.warn('The folder of a file cannot be watched; checking at intervals', { error });
    }
    this.poll(undefined);
  }

  /** False if there is no such folder. */
  private tryWatch(folder: string, concerns: (name: string) => boolean): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, (_kind, name) => {
        // A deleted folder is reported under its own name, or without a name.
        if (name === null || concerns(name) || name === path.basename(folder)) this.report();
      });
      watcher.on('error', () => this.report());
      this.watcher = watcher;
      return true;
    } catch (error) {
      if (isNoEntry(error)) return false;
      throw error;
    }
  }

  private report(): void {
    if (this.disposed) return;
    this.settling ??= setTimeout(() => {
      this.settling = undefined;
      this.rewatch();
      this.onChange();
    }, this.options.settleMs ?? SETTLE_MS).unref();
  }

  /**
   * The folder may have appeared or disappeared. Listeners see changes before this point, the new watch those after it.
   */
  private rewatch(): void {
    if (this.polling !== undefined) return;
    this.watcher?.close();
    this.watcher = undefined;
    this.start();
  }

  private poll(last: Generation | undefined): void {
    this.polling = setTimeout(() => {
      void this.look(last);
    }, this.options.pollMs ?? POLL_MS).unref();
  }

  private async look(last: Generation | undefined): Promise<void> {
    let now: Generation | undefined;
    try {
      now = await asPlainFile(this.file, () => generationOf(this.file));
    } catch (error) {
      this.options.log.warn('The file cannot be checked', { error });
    }
    if (this.disposed) return;
    if (now !== last) this.report();
    this.poll(now);
  }
}
