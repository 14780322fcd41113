/** The folders that a server serves, and the files that may be read from there. */
import { existsSync, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { dispatchAround } from '../../host/process/dispatchAround';
import { ifThere } from '../../host/files/fileErrors';
import { databasePath, isInside, portfolioLocationAt } from '../../host/files/paths';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { refuseOthersRecord } from '../host/recordOwner';

export interface ServedFolders {
  /** Absolute; at least one. */
  readonly folders: readonly string[];
  /** The `.code-workspace` file whose portfolios are served, absolute. */
  readonly workspaceFile: string | undefined;
  /** The dispatch that this program works for. */
  readonly dispatchId: string | undefined;
}

export interface ServedFoldersInput {
  /** As given. If there are none: the nearest folder upwards with a record, else the working directory. */
  readonly folders: readonly string[];
  readonly workspaceFile: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A dispatched agent is served only the record of its own work, wherever it was started.
 * @throws KernelError `RECORD_OF_OTHERS`; `PATH_OUTSIDE` if such an agent names another folder; `FOLDER_MISSING` and
 * `FILE_UNREADABLE` if a named folder or file is missing
 */
export function servedFoldersOf(input: ServedFoldersInput): ServedFolders {
  const served = resolveFolders(input);
  for (const folder of served.folders) refuseOthersRecord(databasePath(folder), input.env);
  return served;
}

function resolveFolders({ folders, workspaceFile, cwd, env }: ServedFoldersInput): ServedFolders {
  const given = folders.map((folder) => path.resolve(cwd, folder));
  const dispatchId = dispatchAround(env);
  const database = env['INTERCORE_DB'];
  if (dispatchId === undefined || database === undefined || !path.isAbsolute(database)) {
    const file = workspaceFile === undefined ? undefined : path.resolve(cwd, workspaceFile);
    refuseMissing(given, file);
    return { folders: given.length === 0 ? [nearest(cwd)] : given, workspaceFile: file, dispatchId };
  }
  const { folder } = portfolioLocationAt(database);
  const other = given.find((candidate) => candidate !== folder);
  if (other !== undefined) throw new KernelError('PATH_OUTSIDE', { path: other, folder });
  return { folders: [folder], workspaceFile: undefined, dispatchId };
}

function refuseMissing(folders: readonly string[], workspaceFile: string | undefined): void {
  const missing = folders.find((folder) => !(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false));
  if (missing !== undefined) throw new KernelError('FOLDER_MISSING', { path: missing });
  if (workspaceFile !== undefined && !existsSync(workspaceFile)) {
    throw new KernelError('FILE_UNREADABLE', { path: workspaceFile, problem: because('there is no such file') });
  }
}

export function nearest(cwd: string): string {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (existsSync(databasePath(folder))) return folder;
    if (folder === path.dirname(folder)) return cwd;
  }
}

/**
 * Refuses a file of a client that is not inside one of the folders, after following links: a server must hand on only
 * files of the folders that its user opened. A missing file is refused when it is read.
 * @throws KernelError `PATH_OUTSIDE`
 */
export async function refuseOutside({ folders }: Pick<ServedFolders, 'folders'>, file: string): Promise<void> {
  const places = await Promise.all(folders.map((folder) => ifThere(realpath(folder))));
  const candidates = path.isAbsolute(file) ? [file] : folders.map((folder) => path.resolve(folder, file));
  for (const candidate of candidates) {
    const real = (await ifThere(realpath(candidate))) ?? candidate;
    if (places.some((folder) => folder !== undefined && isInside(folder, real))) return;
  }
  throw new KernelError('PATH_OUTSIDE', { path: file, folder: folders.join(', ') });
}
