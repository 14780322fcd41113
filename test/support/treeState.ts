/** The state of a working tree and of the repositories below it, for a comparison before and after. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../scripts/demo/repositories';

/** Files with their content, and what git says of the tree and of each repository below it. */
export async function stateOf(tree: string): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(path.join(tree, folder), { withFileTypes: true });
    if (entries.some(({ name }) => name === '.git'))
      state[`${folder}/.git`] = await repositoryState(path.join(tree, folder), folder === '');
    for (const entry of entries) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') await visit(name);
      else if (entry.isFile() && entry.name !== '.git') state[name] = await readFile(path.join(tree, name), 'utf8');
    }
  };
  await visit('');
  return state;
}

async function repositoryState(folder: string, isTop: boolean): Promise<string> {
  const ask = async (args: readonly string[]): Promise<string> => plainGit(folder, args).catch(() => '');
  const status = await ask(['status', '--porcelain', '--untracked-files=all']);
  // The branch of the tree is another one after it was restored, and nothing is staged.
  if (isTop)
    return status
      .split('\n')
      .map((line) => line.slice(3))
      .sort()
      .join('\n');
  const refs = await ask(['for-each-ref', '--format=%(refname) %(objectname)']);
  return [
    status,
    refs,
    await ask(['rev-parse', 'HEAD']),
    await ask(['symbolic-ref', 'HEAD']),
    await ask(['stash', 'list', '--format=%H']),
  ].join('\n');
}
