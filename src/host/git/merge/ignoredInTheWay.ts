/** The user's ignored files that a merge would overwrite. Git treats them as expendable; `.env` files are not. */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { ifThere } from '../../files/fileErrors';
import type { GitFolder } from '../../trusted/ownTrees';
import { splitNul } from '../view/ownView';
import type { Repository } from '../repository';

/** As many as fit on a command line. */
const NAMES_AT_ONCE = 200;

/** If no new file already exists, git is not started. @throws KernelError `GIT_FAILED` */
export async function refuseIgnored(
  { git }: Repository,
  folder: GitFolder,
  { added }: { readonly added: readonly string[] },
): Promise<void> {
  const occupied = new Set<string>();
  for (const name of added) {
    const place = await occupiedBy(folder, name);
    if (place !== undefined) occupied.add(place);
  }
  const names = [...occupied].map((name) => `:(literal)${name}`);
  for (let start = 0; start < names.length; start += NAMES_AT_ONCE) {
    const some = names.slice(start, start + NAMES_AT_ONCE);
    const args = ['ls-files', '--others', '--ignored', '--exclude-standard', '-z', '--', ...some];
    const [ignored] = splitNul(await git.run(folder, args));
    if (ignored === undefined) continue;
    const problem = because("the ignored file '{file}' would be overwritten; move it elsewhere", { file: ignored });
    throw new KernelError('GIT_FAILED', { command: 'git read-tree', folder, problem });
  }
}

/** The file in the way of a new file: one with its name, or one where its folder would be. */
async function occupiedBy(folder: string, name: string): Promise<string | undefined> {
  const parts = name.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const part = parts.slice(0, length).join('/');
    const found = await ifThere(lstat(path.join(folder, part)));
    if (found === undefined) return undefined;
    if (length === parts.length || !found.isDirectory()) return part;
  }
  return undefined;
}
