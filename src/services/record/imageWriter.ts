/**
 * Replaces the file whole: the way of a runtime without SQLite of its own, and only where no other program has it open.
 */
import { backUp } from '../../host/backups';
import type { ImageFile } from '../../host/imageFile';
import { KernelError } from '../../kernel/errors';
import { asPlainFile } from '../../host/rawAccess';
import { blindness } from '../../host/otherUsers';
import type { RecordWriter, WriteSession } from './recordWriter';

export class ImageWriter implements RecordWriter {
  constructor(private readonly file: ImageFile) {}

  hold<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    return this.file.lock(async (lock) => {
      const problem = await blindness();
      if (problem !== undefined) throw new KernelError('DATABASE_UNGUARDED', { path: lock.file, problem });
      await this.file.inspect();
      const generation = await this.file.whenUnused(lock, 'merge');
      return work({
        generation,
        read: () => this.file.read(),
        backUp: (nowMs) => asPlainFile(lock.file, () => backUp(lock.file, nowMs)),
        save: ({ image, walMode, basedOn }) => {
          const bytes = image();
          this.file.step('exported');
          return this.file.replace(lock, { bytes, walMode }, basedOn);
        },
      });
    });
  }
}
