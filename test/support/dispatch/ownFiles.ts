/** Files of tests that stand for files of our own storage. */
import path from 'node:path';
import { findDispatchFiles, type DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { ownStorageFile, type OwnStorageFile } from '../../../src/host/trusted/insideFolder';

/** A file in a folder that the test owns. */
export async function ownFile(file: string): Promise<OwnStorageFile> {
  const own = await ownStorageFile([path.dirname(file)], file);
  if (own === undefined) throw new Error(`${file} is not in its own folder.`);
  return own;
}

/** The files of a dispatch that was started from the storage. */
export async function filesOfDispatch(storage: string, id: string): Promise<DispatchFiles> {
  const files = await findDispatchFiles([storage], id);
  if (files === undefined) throw new Error(`${storage} has no files of ${id}.`);
  return files;
}
