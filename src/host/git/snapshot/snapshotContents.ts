/**
 * What a snapshot holds besides files: repositories below the tree, with git's own files of them, and ignored files. It
 * is a commit of its own, the second parent of the snapshot, so that one reference keeps all. Its tree has
 * `contents.json`, the files of each repository in `files/<n>`, git's own files of it in `git/<n>`, those of submodules
 * that are not in the tree in `stores/<n>`, and the ignored files in `ignored`. All are stored byte for byte.
 */
import * as z from 'zod';
import { loss, type Loss } from '../../../contract/treeLoss';
import type { Sha } from '../../../kernel/text/gitNames';
import { withOwnView, type OwnView } from '../view/ownView';
import type { Repository } from '../repository';

export const CONTENTS_FILE = 'contents.json';
export const IGNORED_FOLDER = 'ignored';
export const filesFolder = (n: number): string => `files/${n}`;
export const gitFilesFolder = (n: number): string => `git/${n}`;
export const storeFolder = (n: number): string => `stores/${n}`;

/** A path below a tree, or below the files of git: no part leads out, and none is a `.git`. */
const inside = z
  .string()
  .max(4096)
  .refine((name) => name.split('/').every((part) => !['', '.', '..'].includes(part) && !/^\.git$/i.test(part)));

/** Where git's own files of a repository are. */
const gitFiles = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('own') }),
  /** The folder of the repository is made of them. */
  z.strictObject({ kind: z.literal('bare') }),
  /** Among those of another one: a submodule of a submodule, or a worktree. */
  z.strictObject({ kind: z.literal('within'), repository: inside, place: inside }),
  /** They were elsewhere and are not in the snapshot. */
  z.strictObject({ kind: z.literal('none') }),
]);

const contents = z.strictObject({
  version: z.literal(1),
  losses: z.array(loss).max(10_000),
  /** Outer ones before those in them. */
  repositories: z.array(z.strictObject({ path: inside, git: gitFiles })).max(2_000),
  /** Git's own files of submodules that were not in the tree, by their names. */
  stores: z.array(inside).max(2_000),
});

export type SnapshotContents = z.infer<typeof contents>;
export type SnapshotRepository = SnapshotContents['repositories'][number];

/** Undefined where the commit holds none that we have written. @throws KernelError `GIT_FAILED` */
export async function readContents(view: OwnView, commit: Sha): Promise<SnapshotContents | undefined> {
  const text = await view.textOf(commit, CONTENTS_FILE);
  if (text === undefined) return undefined;
  try {
    return contents.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** What snapshots hold that is not among their files, by the commits that hold it. */
export async function lossesIn(
  repository: Repository,
  commits: readonly Sha[],
): Promise<ReadonlyMap<string, readonly Loss[]>> {
  if (commits.length === 0) return new Map();
  return withOwnView(repository, async (view) => {
    const found = new Map<string, readonly Loss[]>();
    for (const commit of commits) found.set(commit, (await readContents(view, commit))?.losses ?? []);
    return found;
  });
}
