/** Backups of a database, made before drastic changes (`docs/design/architecture.md#write-protocol`). */
import { constants } from 'node:fs';
import { chmod, copyFile, link, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncFile, syncFolder } from '../files/durable';
import { ifThere } from '../files/fileErrors';
import { journalPath, walPath } from '../database/otherUsers';
import { renameOver } from '../files/renames';

const BACKUP_MODE = 0o600;
const UNFINISHED = '.partial';
/** Suffixes of files next to backups. */
const NOT_BACKUPS = [UNFINISHED, '-wal', '-shm', '-journal'];

/**
 * Copies the file to `<file>.backup-<UTC time>`, durably, and returns the path of the copy. The caller holds the file's
 * lock.
 * @param nowMs names the copy; copies of the same second get a number.
 */
export async function backUp(file: string, nowMs: number): Promise<string> {
  return makeBackup(file, nowMs, (unfinished) => copyFile(file, unfinished, constants.COPYFILE_EXCL));
}

/**
 * The same with the log that a program left next to the file: opening the copy merges it. Undefined, without a backup,
 * if the log has disappeared meanwhile.
 */
export async function backUpWithLog(file: string, nowMs: number): Promise<string | undefined> {
  const made = makeBackup(file, nowMs, async (unfinished, backup) => {
    // The log first, so that a crash never leaves a backup without it.
    await rm(walPath(backup), { force: true });
    await copyFile(walPath(file), walPath(backup), constants.COPYFILE_EXCL);
    await chmod(walPath(backup), BACKUP_MODE);
    await syncFile(walPath(backup));
    await copyFile(file, unfinished, constants.COPYFILE_EXCL);
  });
  return ifThere(made);
}

/** The same for a database that was already read, with its log merged: the file itself is not opened. */
export async function writeBackup(file: string, content: Uint8Array, nowMs: number): Promise<string> {
  return makeBackup(file, nowMs, (unfinished) => writeFile(unfinished, content, { flag: 'wx', mode: BACKUP_MODE }));
}

async function makeBackup(
  file: string,
  nowMs: number,
  fillIn: (unfinished: string, backup: string) => Promise<void>,
): Promise<string> {
  await removeUnfinished(file);
  const backup = await freeName(`${file}.backup-${stamp(nowMs)}`);
  const unfinished = `${backup}${UNFINISHED}`;
  await fillIn(unfinished, backup);
  await chmod(unfinished, BACKUP_MODE);
  await syncFile(unfinished);
  await renameOver(unfinished, backup);
  await syncFolder(path.dirname(file));
  return backup;
}

/** The newest backup, by us or by the original; undefined if there is none. */
export async function newestBackup(file: string): Promise<string | undefined> {
  const folder = path.dirname(file);
  const names = ((await ifThere(readdir(folder))) ?? []).filter(
    (name) => name.startsWith(`${path.basename(file)}.backup-`) && !NOT_BACKUPS.some((end) => name.endsWith(end)),
  );
  const dated = await Promise.all(
    names.map(async (name) => ({ name, madeAtMs: (await ifThere(stat(path.join(folder, name))))?.mtimeMs ?? 0 })),
  );
  const [newest] = dated.sort((a, b) => b.madeAtMs - a.madeAtMs || (a.name < b.name ? 1 : -1));
  return newest === undefined ? undefined : path.join(folder, newest.name);
}

/**
 * Gives a damaged file a second name, `<file>.damaged-<UTC time>`, and moves its log and journal there, so that they
 * are not applied to its replacement. Returns the new name. The caller holds the file's lock.
 */
export async function keepDamaged(file: string, nowMs: number): Promise<string> {
  const kept = await freeName(`${file}.damaged-${stamp(nowMs)}`);
  await ifThere(link(file, kept));
  await ifThere(renameOver(walPath(file), walPath(kept)));
  await ifThere(renameOver(journalPath(file), journalPath(kept)));
  await syncFolder(path.dirname(file));
  return kept;
}

/** `20260102T030405Z` */
function stamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
}

async function freeName(wanted: string): Promise<string> {
  for (let copy = 1; ; copy++) {
    const name = copy === 1 ? wanted : `${wanted}-${copy}`;
    if ((await ifThere(stat(name))) === undefined) return name;
  }
}

/** Remains of a process that died while copying. */
async function removeUnfinished(file: string): Promise<void> {
  const folder = path.dirname(file);
  for (const name of await readdir(folder)) {
    if (name.startsWith(`${path.basename(file)}.backup-`) && name.endsWith(UNFINISHED)) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}
