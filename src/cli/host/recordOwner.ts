/**
 * The owner of a record: like git with `safe.directory`, `ic` opens no record of another user, wherever it was found,
 * unless this user has trusted the folder with `ic trust add`.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { FolderLedger } from '../../host/files/folderLedger';
import { DATABASE_FOLDER } from '../../host/files/paths';
import { ledgerFolder } from '../../host/state/stateFolder';
import { KernelError } from '../../kernel/errors/errors';

export type OwnerOf = (file: string) => number | undefined;
type Environment = Readonly<Record<string, string | undefined>>;

export const TRUSTED = 'trusted';

/**
 * Checks the record of a call, and every record that it leads to, such as those of a portfolio's children.
 * @param ownerOf the user that a file belongs to; undefined without a file
 * @throws KernelError `RECORD_OF_OTHERS`
 */
export function refuseOthersRecord(database: string, env: Environment, ownerOf: OwnerOf = ownerOfFile): void {
  const parent = path.dirname(database);
  const isUsual = path.basename(parent) === DATABASE_FOLDER;
  const folder = isUsual ? path.dirname(parent) : parent;
  const owner = [database, ...(isUsual ? [parent] : [])]
    .map((file) => ownerOf(file))
    .find((uid) => uid !== undefined && !isUs(uid, env));
  if (owner === undefined || new FolderLedger(ledgerFolder(env), 'owners').has(folder, TRUSTED)) return;
  throw new KernelError('RECORD_OF_OTHERS', { path: database, owner: String(owner), folder });
}

/** Undefined without a file, and on systems without owners. */
function ownerOfFile(file: string): number | undefined {
  return process.geteuid === undefined ? undefined : lstatSync(file, { throwIfNoEntry: false })?.uid;
}

/** Like git, counts the user who called sudo as well. */
function isUs(uid: number, env: Environment): boolean {
  const own = process.geteuid?.();
  return uid === own || (own === 0 && env['SUDO_UID'] === String(uid));
}
