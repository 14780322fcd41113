/** Repositories below a working tree, as agents leave them: nested ones, and submodules with a remote. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../scripts/demo/repositories';

const IDENTITY = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];

/** Writes a file and commits all there is. Returns the commit. */
export async function commitIn(folder: string, name: string, text = name): Promise<string> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), text);
  await git(folder, ['add', '--all']);
  await git(folder, [...IDENTITY, 'commit', '--quiet', '--message', `Change ${name}`]);
  return (await git(folder, ['rev-parse', 'HEAD'])).trim();
}

/** A repository with one commit. */
export async function makeRepository(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--initial-branch=main']);
  return commitIn(folder, 'first.txt');
}

/** A bare repository with one commit on `main`, for others to clone and to push to. */
export async function makeRemote(folder: string): Promise<string> {
  await makeRepository(`${folder}-content`);
  await git(path.dirname(folder), ['clone', '--quiet', '--bare', `${folder}-content`, folder]);
  return folder;
}

/** Adds a submodule to a repository, committed on its branch. */
export async function addSubmodule(repository: string, remote: string, name: string): Promise<void> {
  await git(repository, ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', remote, name]);
  await git(repository, [...IDENTITY, 'commit', '--quiet', '--message', `Add ${name}`]);
}

/** Fills the submodules of a working tree, at any depth. */
export async function fillSubmodules(tree: string): Promise<void> {
  await git(tree, ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init', '--recursive']);
}

/** Puts what is not committed away in a stash. */
export async function stash(folder: string, name: string): Promise<void> {
  await writeFile(path.join(folder, name), 'to be stashed');
  await git(folder, [...IDENTITY, 'stash', 'push', '--quiet', '--include-untracked']);
}
