/** Replaces the file whole: the way of a runtime without SQLite of its own. */
import { backUp } from '../../host/backups';
import type { ImageFile } from '../../host/imageFile';
import type { RecordWriter, WriteSession } from './recordWriter';

export class ImageWriter implements RecordWriter {
  constructor(private readonly file: ImageFile) {}

  hold<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    return this.file.lock(async (lock) => {
      const generation = await this.file.whenUnused(lock);
      return work({
        generation,
        read: () => this.file.read(),
        backUp: (nowMs) => backUp(lock.file, nowMs),
        save: ({ image, walMode, basedOn }) => {
          const bytes = image();
          this.file.step('exported');
          return this.file.replace(lock, { bytes, walMode }, basedOn);
        },
      });
    });
  }
}
