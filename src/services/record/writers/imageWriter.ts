/** Replaces the whole file, for runtimes without their own SQLite, and only if no other program has the file open. */
import type { ImageFile } from '../../../host/image/imageFile';
import { KernelError } from '../../../kernel/errors/errors';
import { because, type Reason } from '../../../kernel/errors/reasons/problem';
import type { Clause } from '../../../kernel/errors/reasons/reasons';
import { stat } from 'node:fs/promises';
import { ifThere } from '../../../host/files/fileErrors';
import { asPlainFile } from '../../../host/database/rawAccess';
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
        backUp: async (nowMs) => {
          const { backUp } = await import('../../../host/image/backups.js');
          return asPlainFile(lock.file, () => backUp(lock.file, nowMs));
        },
        save: ({ image, walMode, basedOn }) => {
          const bytes = image();
          this.file.step('exported');
          return this.file.replace(lock, { bytes, walMode }, basedOn);
        },
      });
    });
  }
}

/**
 * Why this system cannot show whether another program has a database open; undefined if it can. Windows refuses to
 * replace an open file.
 */
async function blindness(): Promise<Reason<Clause<'DATABASE_UNGUARDED'>> | undefined> {
  if (process.platform === 'win32') return undefined;
  const isShown = await Promise.all(['/proc/locks', '/proc/self/fd'].map((file) => ifThere(stat(file))));
  if (!isShown.includes(undefined)) return undefined;
  return because('this system does not show which programs have it open');
}
