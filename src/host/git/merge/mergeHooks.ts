/** The hooks that `git merge` would run in a repository. Our git runs none: see `fixedConfig.ts`. */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';
import { personalConfig } from './personalConfig';
import type { Repository } from '../repository';
import { repositoryFiles } from '../repositoryFiles';

const MERGE_HOOKS = ['pre-merge-commit', 'prepare-commit-msg', 'commit-msg', 'post-merge', 'reference-transaction'];

/** Their names, in the order in which git would run them. */
export async function mergeHooks(repository: Repository): Promise<string[]> {
  const folder = await hooksFolder(repository);
  const found = await Promise.all(
    MERGE_HOOKS.map(async (name) => ((await isProgram(path.join(folder, name))) ? [name] : [])),
  );
  return found.flat();
}

async function hooksFolder(repository: Repository): Promise<string> {
  const { git, folder } = repository;
  const configured = (await personalConfig(repository)).get('core.hookspath');
  if (configured === undefined) {
    return path.join((await repositoryFiles(git, folder)).common, 'hooks');
  }
  const hooks = path.resolve(folder, configured.replace(/^~(?=\/)/, homedir()));
  // Husky's folder has a program for every hook, which starts the one with that name in the parent folder.
  const isForwarding = path.basename(hooks) === '_' && (await isFile(path.join(hooks, 'h')));
  return isForwarding ? path.dirname(hooks) : hooks;
}

async function isFile(file: string): Promise<boolean> {
  return (await ifThere(stat(file)))?.isFile() === true;
}

/** On Windows git runs any file with the name; Husky starts its files with a shell. */
async function isProgram(file: string): Promise<boolean> {
  const found = await ifThere(stat(file));
  if (found?.isFile() !== true) return false;
  return process.platform === 'win32' || (found.mode & 0o111) !== 0 || path.basename(path.dirname(file)) === '.husky';
}
