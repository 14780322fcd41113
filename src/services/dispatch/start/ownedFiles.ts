/**
 * Files of dispatches, created for one record and deleted with it. Each names its database under a seal, so a copy of a
 * record, or a record that names another record's dispatches, deletes nothing (`docs/design/trust.md`).
 */
import { realpath } from 'node:fs/promises';
import { ifThere } from '../../../host/files/fileErrors';
import { proven, readOwner, writeOwner } from '../../../host/launcher/launchRecord';
import {
  findDispatchFiles,
  makeDispatchFiles,
  removeDispatchFiles,
  type DispatchFiles,
} from '../../../host/launcher/dispatchFiles';
import { ownLauncher } from '../../../host/launcher/ownProcess';
import { problemOf } from '../../../kernel/errors/errors';

export interface NotDeleted {
  readonly id: string;
  readonly problem: string;
}

/** Creates the folders of a dispatch that this database records, or will record. */
export async function makeFilesOf(database: string, storage: string, id: string): Promise<DispatchFiles> {
  const files = await makeDispatchFiles(storage, id);
  await writeOwner(files, { database });
  return files;
}

/**
 * Deletes the files of dispatches that were removed from this database. Keeps files of running agents and of other
 * databases' dispatches.
 */
export async function removeFilesOf(
  database: string,
  storages: readonly string[],
  ids: readonly string[],
): Promise<readonly NotDeleted[]> {
  const failures: NotDeleted[] = [];
  for (const id of ids) {
    for (const storage of storages) {
      try {
        const files = await findDispatchFiles([storage], id);
        if (files !== undefined && (await mayGo(files, database))) await removeDispatchFiles([storage], id);
      } catch (error) {
        failures.push({ id, problem: problemOf(error) });
      }
    }
  }
  return failures;
}

async function mayGo(files: DispatchFiles, database: string): Promise<boolean> {
  const owner = proven(await readOwner(files));
  if (owner === undefined || (await ownLauncher(files)) !== undefined) return false;
  // A folder may have been moved, or its record removed a moment ago.
  const owning = await ifThere(realpath(owner.database));
  return owning === undefined || owning === (await ifThere(realpath(database)));
}
