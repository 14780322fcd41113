/** The folders of packages of added agents, in the user's state: each appears complete or not at all. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../files/fileErrors';
import { makeFolders } from '../files/folders';
import { renameOver } from '../files/renames';
import { addedAgentsFolder } from './stateFolder';

export interface PackageFolder {
  /** One part of a path, with the version. */
  readonly name: string;
  /** The file that is started, below the folder. */
  readonly main: string;
}

/**
 * The main file of the package, after `install` has filled the folder it is given.
 * @returns undefined if the main file is missing then; nothing is kept
 */
export async function installedMain(
  environment: NodeJS.ProcessEnv,
  { name, main }: PackageFolder,
  install: (folder: string) => Promise<void>,
): Promise<string | undefined> {
  const parent = addedAgentsFolder(environment);
  await makeFolders(parent);
  const destination = path.join(parent, name);
  const staging = await mkdtemp(`${destination}.`);
  try {
    // Without it, npm takes a folder above for the project.
    await writeFile(path.join(staging, 'package.json'), '{ "private": true }\n');
    await install(staging);
    if (!existsSync(path.join(staging, main))) return undefined;
    await publish(staging, destination, main);
    return path.join(destination, main);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A folder of this name was complete when it appeared, so one that another program made meanwhile is as good. */
async function publish(staging: string, destination: string, main: string): Promise<void> {
  const isThere = (): boolean => existsSync(path.join(destination, main));
  if (!isThere()) await rm(destination, { recursive: true, force: true });
  try {
    await renameOver(staging, destination);
  } catch (error) {
    if (!isThere()) throw error;
  }
}

/** Removes the package that has this main file. */
export async function removePackage(environment: NodeJS.ProcessEnv, main: string): Promise<void> {
  const parent = addedAgentsFolder(environment);
  const [own = '..'] = path.relative(parent, main).split(path.sep);
  // An entry that was edited may name any file.
  if (own === '..' || own === '' || path.isAbsolute(own)) return;
  await rm(path.join(parent, own), { recursive: true, force: true, maxRetries: 5 });
}

/** The text of npm's lock file in a folder that is being filled; undefined without one. */
export async function lockFileIn(folder: string): Promise<string | undefined> {
  return await ifThere(readFile(path.join(folder, 'package-lock.json'), 'utf8'));
}
