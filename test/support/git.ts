/** Git for tests, which may run in the temporary directory; what a test makes there counts as made by us. */
import { realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Git, type GitDeps } from '../../src/host/git/git';
import { FolderRegistry } from '../../src/host/trusted/folderRegistry';
import { TrustedFolders } from '../../src/host/trusted/trustedFolders';
import type { GitFolder } from '../../src/host/trusted/ownTrees';

const registryFolder = path.join(realpathSync(os.tmpdir()), `intercore-places-${process.pid}`);
process.once('exit', () => rmSync(registryFolder, { recursive: true, force: true }));

export function testGit(deps: Partial<GitDeps> = {}): Git {
  return new Git({ trusted: () => true, places: testPlaces(), ...deps });
}

export function testPlaces(): TrustedFolders {
  const root = realpathSync(os.tmpdir());
  return new TrustedFolders({
    folders: () => [root],
    storages: () => [root],
    registry: new FolderRegistry(path.join(registryFolder, 'places.json')),
  });
}

/** A folder of a test that git may run in. */
export function gitFolder(folder: string): Promise<GitFolder> {
  return testPlaces().gitFolder(folder);
}
