/** Paths of databases, and checks of the files there (`docs/design/formats.md#tables-of-our-own`). */
import { lstat, mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';
import { PORTFOLIO_NAME } from '../../kernel/portfolio/home';
import { syncFolder } from './durable';
import { ifThere, systemCode } from './fileErrors';

export const DATABASE_FOLDER = '.clavain';
export const DATABASE_NAME = 'intercore.db';
export { PORTFOLIO_NAME };

/** A database and the folder it belongs to and must stay inside. Both paths are absolute. */
export interface DatabaseLocation {
  readonly folder: string;
  readonly path: string;
}

export function databasePath(folder: string): string {
  return path.join(path.resolve(folder), DATABASE_FOLDER, DATABASE_NAME);
}

export function databaseLocation(folder: string): DatabaseLocation {
  return { folder: path.resolve(folder), path: databasePath(folder) };
}

/** The portfolio's database of a saved workspace in `folder` (`docs/design/portfolios.md`). */
export function portfolioLocation(folder: string): DatabaseLocation {
  const home = path.resolve(folder);
  return { folder: home, path: path.join(home, DATABASE_FOLDER, PORTFOLIO_NAME) };
}

/** The same for an unsaved workspace, in the editor's storage for it. */
export function unsavedPortfolioLocation(storage: string): DatabaseLocation {
  const home = path.resolve(storage);
  return { folder: home, path: path.join(home, PORTFOLIO_NAME) };
}

/** The location of a portfolio's database at this absolute path. */
export function portfolioLocationAt(database: string): DatabaseLocation {
  const parent = path.dirname(database);
  const folder = path.basename(parent) === DATABASE_FOLDER ? path.dirname(parent) : parent;
  return { folder, path: database };
}

/**
 * The path to read and replace: the given one, or, where that is a symlink to another place inside the folder, its
 * target. The file need not exist.
 * @throws KernelError `DATABASE_PATH` for a path with `..` or outside the folder, below a symlinked folder, or of
 * anything but a regular file.
 */
export async function resolveDatabase(location: DatabaseLocation): Promise<string> {
  const refuse = (problem: Problem<'DATABASE_PATH'>): never => {
    throw new KernelError('DATABASE_PATH', { path: location.path, problem });
  };
  if (location.path.split(/[\\/]/).includes('..')) refuse(because('it contains ".."'));
  if (!isInside(location.folder, path.resolve(location.path)))
    refuse(because('it is outside {folder}', { folder: location.folder }));
  const parent = path.dirname(location.path);
  const [folder, file] = await Promise.all([ifThere(lstat(parent)), ifThere(lstat(location.path))]);
  if (folder?.isSymbolicLink() === true) refuse(because('{folder} is a symlink', { folder: parent }));
  if (folder !== undefined && !folder.isDirectory()) refuse(because('{folder} is not a folder', { folder: parent }));
  if (file?.isSymbolicLink() !== true) {
    if (file !== undefined && !file.isFile()) refuse(because('it is not a regular file'));
    return location.path;
  }
  const target = await followed(location.path);
  if (target === undefined) return refuse(because('it is a symlink to nothing'));
  if (!isInside(await realpath(location.folder), target)) refuse(because('it is a symlink to outside the folder'));
  if (!(await lstat(target)).isFile()) refuse(because('it is a symlink to something other than a file'));
  return target;
}

/** Creates the private folder of the database, and excludes it from git if it is ours. Harmless if it exists. */
export async function createDatabaseFolder(location: DatabaseLocation): Promise<void> {
  const parent = path.dirname(location.path);
  const made = await mkdir(parent, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolder(path.dirname(made));
  if (path.basename(parent) !== DATABASE_FOLDER) return;
  try {
    await writeFile(path.join(parent, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Whether `inner` is below `outer`; both absolute. */
export function isInside(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

async function followed(file: string): Promise<string | undefined> {
  try {
    return await ifThere(realpath(file));
  } catch (error) {
    if (systemCode(error) === 'ELOOP') return undefined;
    throw error;
  }
}
