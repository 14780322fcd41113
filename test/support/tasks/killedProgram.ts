/**
 * A program that makes a worktree and kills itself before one of its steps: a change of a file, or a run of git that
 * changes something. Its only argument is a `KilledMaking` as JSON. It prints the number of steps where it is not killed.
 */
import files from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { Repository } from '../../../src/host/git/repository';
import { listSnapshots } from '../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { gitFolder, testGit } from '../git';

const killedMaking = z.strictObject({
  clone: z.string(),
  folder: z.string(),
  branch: z.string(),
  /** Brings the only snapshot back. */
  isRestoration: z.boolean(),
  /** From 1. */
  killBefore: z.int(),
});
export type KilledMaking = z.infer<typeof killedMaking>;

const CHANGING = new Set(['worktree', 'read-tree', 'restore']);

async function main({ clone, folder, branch, isRestoration, killBefore }: KilledMaking): Promise<void> {
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps === killBefore) process.kill(process.pid, 'SIGKILL');
  };
  const isOurs = (place: unknown): boolean =>
    typeof place === 'string' &&
    !place.includes('.lock') &&
    [clone, path.dirname(folder)].some((top) => place.startsWith(top));
  for (const name of ['mkdir', 'writeFile', 'rename', 'rm', 'rmdir'] as const) {
    const original = files[name].bind(files) as (...args: unknown[]) => Promise<unknown>;
    const counted = (...args: unknown[]): Promise<unknown> => {
      if (isOurs(args[0])) step();
      return original(...args);
    };
    Object.defineProperty(files, name, { value: counted });
  }
  const git = testGit();
  const run = git.run.bind(git);
  git.run = (where, args, options) => {
    if (CHANGING.has(args[0] ?? '') && args[1] !== 'list') step();
    return run(where, args, options);
  };
  const repository = new Repository(git, await gitFolder(clone));
  const worktrees = new Worktrees(repository, path.dirname(folder));
  const [snapshot] = isRestoration ? await listSnapshots(repository) : [];
  if (snapshot === undefined) await worktrees.ensure({ folder, branch, baseSha: 'main' });
  else await worktrees.restore(snapshot, folder, branch);
  process.stdout.write(`${steps}\n`);
}

void main(killedMaking.parse(JSON.parse(process.argv[2] ?? '{}')));
