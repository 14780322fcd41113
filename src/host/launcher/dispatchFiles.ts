/**
 * The files of one dispatch or check. Their paths are derived from our own storages and the id, never from a path in a
 * record (`docs/design/trust.md`). Files for the agent are in one folder; the log and the launch records are in
 * another, whose name cannot be computed without the storage's key.
 */
import { lstat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../files/folders';
import { ifThere } from '../files/fileErrors';
import { makeLaunchKey, readLaunchKey } from '../trusted/launchKey';
import { derived } from './seal';
import { ownStorageFile, type OwnStorageFile } from '../trusted/insideFolder';
import { removeOwnFolder } from '../trusted/removal';

declare const launchMarkBrand: unique symbol;

/** The mark in the environment of a launcher and all its descendants. */
export type LaunchMark = string & { readonly [launchMarkBrand]: true };

export interface DispatchFiles {
  /** Files for the agent: its prompt, its verdict, and how to reach `ic mcp`. */
  readonly given: OwnStorageFile;
  readonly prompt: OwnStorageFile;
  readonly verdict: OwnStorageFile;
  readonly mcpConfig: OwnStorageFile;
  /** Files hidden from the agent: its log, and the records of its launch. */
  readonly records: OwnStorageFile;
  readonly log: OwnStorageFile;
  /** Names the output file elsewhere that the person asked for. */
  readonly output: OwnStorageFile;
  /** Names the database that the dispatch is recorded in. */
  readonly owner: OwnStorageFile;
  readonly started: OwnStorageFile;
  readonly exit: OwnStorageFile;
  readonly cancel: OwnStorageFile;
  /** Of a session: what its host reports, the decisions about requests, and the folder of commands to it. */
  readonly session: OwnStorageFile;
  readonly decisions: OwnStorageFile;
  readonly commands: OwnStorageFile;
  /** Seals the records. */
  readonly secret: string;
  readonly mark: LaunchMark;
}

const RECORDS = 'records';
const NAME_LENGTH = 32;
/** Our ids, which are valid names of folders. Rows of other programs may have any text. */
const PLAIN_ID = /^[a-z0-9]{1,64}$/;
/** Shows that we may delete a folder. */
const MARKER = '.intercore';
const MARKER_TEXT = 'Intercore made this folder and deletes it with its dispatch.\n';

/** Creates the folders of a new dispatch, or completes those of a queued one. */
export async function makeDispatchFiles(storage: string, id: string): Promise<DispatchFiles> {
  const files = await makeLaunchFiles(storage, id);
  await makeMarked(files.given);
  return files;
}

/** The same for a program without files, such as a check. */
export async function makeLaunchFiles(storage: string, id: string): Promise<DispatchFiles> {
  if (!PLAIN_ID.test(id)) throw new Error(`The id ${id} is not a valid folder name.`);
  const files = place(path.resolve(storage), await makeLaunchKey(storage), id);
  await makeMarked(files.records);
  return files;
}

/** The files of a dispatch that was started from one of these storages; undefined if none has records of it. */
export async function findDispatchFiles(storages: readonly string[], id: string): Promise<DispatchFiles | undefined> {
  if (!PLAIN_ID.test(id)) return undefined;
  for (const storage of storages) {
    const key = await readLaunchKey(storage);
    const files = key === undefined ? undefined : place(path.resolve(storage), key, id);
    if (files !== undefined && (await isFolder(files.records))) return files;
  }
  return undefined;
}

/** The prompt file of a queued dispatch. Creates nothing. */
export function queuedPrompt(storage: string, id: string): string | undefined {
  return PLAIN_ID.test(id) ? path.join(path.resolve(storage), id, 'prompt.md') : undefined;
}

/** Deletes the folders of a dispatch in these storages, if they contain our marker. Links are not followed. */
export async function removeDispatchFiles(storages: readonly string[], id: string): Promise<void> {
  if (!PLAIN_ID.test(id)) return;
  for (const storage of storages) {
    const key = await readLaunchKey(storage);
    if (key !== undefined) await removeMarked(storage, place(path.resolve(storage), key, id).records);
    await removeMarked(storage, path.join(path.resolve(storage), id));
  }
}

/** The log of a dispatch that an earlier version of this program started: next to its prompt. */
export async function findEarlierLog(storages: readonly string[], id: string): Promise<OwnStorageFile | undefined> {
  if (!PLAIN_ID.test(id)) return undefined;
  for (const storage of storages) {
    const log = path.join(path.resolve(storage), id, 'output.log');
    if ((await ifThere(lstat(log)))?.isFile() === true) return await ownStorageFile([storage], log);
  }
  return undefined;
}

/** The storage is known without the record, and every name below it follows from the key and the id. */
function place(root: string, key: Buffer, id: string): DispatchFiles {
  const own = (...names: string[]) => path.join(root, ...names) as OwnStorageFile;
  const folder = derived(key, 'folder', id, NAME_LENGTH);
  const record = (name: string) => own(RECORDS, folder, name);
  return {
    given: own(id),
    prompt: own(id, 'prompt.md'),
    verdict: own(id, 'verdict'),
    mcpConfig: own(id, 'mcp.json'),
    records: own(RECORDS, folder),
    log: record('output.log'),
    output: record('output.json'),
    owner: record('owner.json'),
    started: record('started.json'),
    exit: record('exit.json'),
    cancel: record('cancel.json'),
    session: record('session.json'),
    decisions: record('decisions.jsonl'),
    commands: record('commands'),
    secret: derived(key, 'seal', id),
    mark: derived(key, 'mark', id, NAME_LENGTH) as LaunchMark,
  };
}

async function makeMarked(folder: string): Promise<void> {
  await makeFolders(folder);
  await writeFile(path.join(folder, MARKER), MARKER_TEXT, { mode: 0o600 });
}

/** A link in place of the folder, or above it, is not followed. */
async function isFolder(folder: string): Promise<boolean> {
  const [found, above] = await Promise.all([ifThere(lstat(folder)), ifThere(lstat(path.dirname(folder)))]);
  return found?.isDirectory() === true && above?.isDirectory() === true;
}

async function removeMarked(storage: string, folder: string): Promise<void> {
  if (!(await isFolder(folder))) return;
  if ((await ifThere(lstat(path.join(folder, MARKER))))?.isFile() !== true) return;
  const own = await ownStorageFile([storage], folder);
  if (own !== undefined) await removeOwnFolder(own);
}
