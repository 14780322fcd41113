/**
 * Reads a database and reports what can be done with it, in any condition
 * (`docs/design/architecture.md#opening-a-record`).
 */
import { readFailure } from '../../host/files/fileErrors';
import { removeRemains } from '../../host/locks/fileLock';
import type { Content } from '../../host/image/imageFile';
import type { Snapshot } from '../../host/image/imageReading';
import type { Log } from '../../host/log';
import { SCHEMA_VERSION } from '../../kernel/db/schema/schema';
import { KernelError } from '../../kernel/errors/errors';
import { defined } from '../../kernel/defined';
import type { KernelState } from './kernelState';
import { LoadedImage, type ImageSource } from './loadedImage';

export interface Opened {
  /** Undefined if nothing can be read. */
  readonly image: LoadedImage | undefined;
  readonly state: KernelState;
}

/** Never throws: problems with the file are in the state. `read`: reads it if it is not read as a plain file. */
export async function openDatabase(
  source: ImageSource,
  log: Log,
  trusted: boolean,
  read?: () => Promise<Snapshot | undefined>,
): Promise<Opened> {
  let image: LoadedImage | undefined;
  try {
    image = await LoadedImage.open(source, read);
    return { image, state: image === undefined ? { kind: 'missing' } : await stateOf(image, source, trusted) };
  } catch (error) {
    image?.close();
    return { image: undefined, state: await failure(error, source, log) };
  }
}

/**
 * The content of a file that is an intact database.
 * @throws KernelError `DATABASE_MISSING`, and as `LoadedImage.open`.
 */
export async function readSound(source: ImageSource): Promise<Content> {
  const image = await LoadedImage.open(source);
  image?.close();
  const snapshot = await source.file.read();
  if (image === undefined || snapshot?.bytes === undefined) {
    throw new KernelError('DATABASE_MISSING', { path: source.file.path });
  }
  return { bytes: snapshot.bytes, walMode: snapshot.walMode };
}

async function stateOf(image: LoadedImage, { file }: ImageSource, trusted: boolean): Promise<KernelState> {
  const { readOnly, fileVersion } = image.kernel.migration;
  if (readOnly) {
    const facts = { path: file.path, version: fileVersion, supported: SCHEMA_VERSION };
    return { kind: 'readOnly', error: new KernelError('DATABASE_NEWER', facts) };
  }
  const error = await file.readOnlyReason();
  if (error !== undefined) return { kind: 'readOnly', error };
  if (trusted) await removeRemains(await file.target());
  return { kind: 'ready' };
}

async function failure(cause: unknown, { file }: ImageSource, log: Log): Promise<KernelState> {
  const error = readFailure(file.path, cause);
  log.warn('The database cannot be read', { error });
  const backup =
    error.code === 'DATABASE_DAMAGED' || error.code === 'DATABASE_REFUSED'
      ? await backupToOffer(file.path, log)
      : undefined;
  return { kind: 'failed', error, ...defined({ backup }) };
}

async function backupToOffer(file: string, log: Log): Promise<string | undefined> {
  try {
    const { newestBackup } = await import('../../host/image/backups.js');
    return await newestBackup(file);
  } catch (error) {
    log.warn('Backups could not be listed', { error });
    return undefined;
  }
}
