/** A checkout of a commit in a repository of our own: it contains only the commit, and nothing else of the agent. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { Sha } from '../../../kernel/text/gitNames';
import { makeGitDir, objectsOf } from '../view/ownGitDir';
import { endHistory, OwnView } from '../view/ownView';
import type { Repository } from '../repository';

/**
 * Creates it in a folder of our storage, which is emptied first.
 * @throws KernelError `GIT_FAILED`
 */
export async function checkOutClean(repository: Repository, folder: string, commit: Sha): Promise<void> {
  const { git } = repository;
  const objects = await objectsOf(repository);
  if (objects.folder.includes('\n')) {
    throw new KernelError('GIT_FAILED', {
      command: 'git checkout',
      folder,
      problem: because('its path has a line break'),
    });
  }
  await rm(folder, { recursive: true, force: true });
  const gitDir = path.join(folder, '.git');
  await makeGitDir(gitDir, objects.format, false);
  await writeFile(path.join(gitDir, 'objects', 'info', 'alternates'), `${objects.folder}\n`);
  // Set-up and checks may read the history.
  await endHistory(new OwnView(repository, gitDir, {}), objects, gitDir);
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: folder };
  await git.run(repository.folder, ['checkout', '--quiet', '--detach', commit, '--'], { env });
}
