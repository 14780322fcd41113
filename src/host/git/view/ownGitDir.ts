/** Creates an empty repository of our own without git, so that no template affects it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Repository } from '../repository';
import { repositoryFiles, storedConfig } from '../repositoryFiles';

/** The folder of a clone's objects, and the format of their names: `sha1` or `sha256`. */
export interface Objects {
  readonly folder: string;
  readonly format: string;
}

/** @throws KernelError `GIT_FAILED` */
export async function objectsOf({ git, folder }: Repository): Promise<Objects> {
  const files = await repositoryFiles(git, folder);
  // Only the configuration of the repository itself can name another format.
  const isPlain = !/objectformat/i.test(await storedConfig(files));
  const format = isPlain ? 'sha1' : await git.run(folder, ['rev-parse', '--show-object-format']);
  return { folder: path.join(files.common, 'objects'), format };
}

/** `isBare`: it has no working tree. The folder is created if missing. */
export async function makeGitDir(gitDir: string, format: string, isBare: boolean): Promise<void> {
  await mkdir(path.join(gitDir, 'objects', 'info'), { recursive: true, mode: 0o700 });
  await mkdir(path.join(gitDir, 'refs'), { recursive: true });
  const [isWindows, isMac] = [process.platform === 'win32', process.platform === 'darwin'];
  const settings = [
    '[core]',
    `repositoryformatversion = ${format === 'sha1' ? 0 : 1}`,
    `bare = ${isBare}`,
    `filemode = ${!isWindows}`,
    `ignorecase = ${isWindows || isMac}`,
    `symlinks = ${!isWindows}`,
    `precomposeunicode = ${isMac}`,
    // The user's performance settings must not affect results.
    'fsmonitor = false',
    'untrackedCache = false',
    'splitIndex = false',
    'sparseCheckout = false',
    ...(format === 'sha1' ? [] : ['[extensions]', `objectformat = ${format}`]),
  ];
  await writeFile(path.join(gitDir, 'config'), `${settings.join('\n')}\n`);
  await writeFile(path.join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
}
