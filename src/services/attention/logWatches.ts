/** Watches the logs of silent agents, to notice their next output immediately (`docs/design/editor.md#changes`). */
import { watch, type FSWatcher } from 'node:fs';
import type { Log } from '../../host/log';
import { problemOf } from '../../kernel/errors/errors';

export class LogWatches {
  private readonly watchers = new Map<string, FSWatcher>();

  constructor(
    private readonly log: Log,
    private readonly onSpoken: () => void,
  ) {}

  /** Watches exactly these files. A file that cannot be watched is checked by the next timer. */
  watch(files: ReadonlySet<string>): void {
    for (const file of this.watchers.keys()) {
      if (!files.has(file)) this.forget(file);
    }
    for (const file of files) {
      if (!this.watchers.has(file)) this.begin(file);
    }
  }

  dispose(): void {
    this.watch(new Set());
  }

  private begin(file: string): void {
    try {
      const watcher = watch(file, { persistent: false }, () => this.onSpoken());
      watcher.on('error', () => this.forget(file));
      this.watchers.set(file, watcher);
    } catch (error) {
      this.log.debug('log not watched', { problem: problemOf(error) });
    }
  }

  private forget(file: string): void {
    this.watchers.get(file)?.close();
    this.watchers.delete(file);
  }
}
