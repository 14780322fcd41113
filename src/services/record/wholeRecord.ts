/**
 * What is done to a record as a whole: it is made as a copy, replaced by a backup, or deleted. Each needs the turn of a
 * save (`projectKernel.ts`).
 */
import { createDatabaseFolder, type DatabaseLocation } from '../../host/files/paths';
import { ImageFile } from '../../host/image/imageFile';
import { countActive } from '../../kernel/dispatch/activeCount';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { Reader } from '../../kernel/unit';
import type { CurrentImage } from './currentImage';
import type { ImageSource } from './loadedImage';
import { readSound } from './recordOpening';

export interface WholeRecord {
  readonly source: ImageSource;
  readonly held: CurrentImage;
  /** Why nothing can be read. */
  readonly unreadable: () => KernelError;
}

export async function createAsCopy(
  { source, held }: WholeRecord,
  location: DatabaseLocation,
  original: DatabaseLocation,
): Promise<void> {
  const { file } = source;
  const content = await readSound({ ...source, file: new ImageFile(original, file.options) });
  await file.target();
  await createDatabaseFolder(location);
  const saved = await file.lock((lock) => file.replace(lock, content, undefined));
  await held.reload();
  if (saved !== undefined) return;
  throw new KernelError('DATABASE_PATH', { path: location.path, problem: because('a database already exists') });
}

/** Keeps the damaged file next to the backup that replaces it. */
export async function replaceDamaged(
  { source, held }: WholeRecord,
  { folder, path }: DatabaseLocation,
  backup: string,
): Promise<void> {
  const { file, ports } = source;
  const content = await readSound({ ...source, file: new ImageFile({ folder, path: backup }, file.options) });
  const { keepDamaged } = await import('../../host/image/backups.js');
  const restored = await file.lock(async (lock) => {
    await keepDamaged(lock.file, ports.clock.nowMs());
    return file.replace(lock, content, await file.generation());
  });
  await held.reload();
  if (restored === undefined) throw new KernelError('DATABASE_CHANGING', { path, attempts: 1 });
}

/** Keeps a record that may have running agents, or that does not meet the condition. */
export async function removeWhole(
  { source, held, unreadable }: WholeRecord,
  path: string,
  condition: ((reader: Reader) => boolean) | undefined,
): Promise<void> {
  const { file } = source;
  const { removeEmptyFolder, removeRecord } = await import('../../host/image/removal.js');
  await file.lock(async (lock) => {
    await file.whenUnused(lock, 'ignore');
    await held.reload();
    if (held.state.kind === 'missing') throw unreadable();
    const active = held.image?.kernel.read((reader) => countActive(reader)) ?? 0;
    if (active > 0) throw new KernelError('DISPATCHES_LIVE', { path, active });
    if (condition !== undefined && held.image?.kernel.read(condition) !== true) return;
    await removeRecord(lock.file, path);
  });
  await removeEmptyFolder(path);
  await held.reload();
}
