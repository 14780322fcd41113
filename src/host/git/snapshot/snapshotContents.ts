/**
 * The contents of a snapshot besides files: repositories below the tree, with their git folders, and ignored files. It
 * is a separate commit, the second parent of the snapshot, so that one reference keeps everything. Its tree has
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

/** A path below a tree, or below the files of git: it does not lead out, and has no part `.git`. */
const inside = z
  .string()
  .max(4096)
  .refine((name) => name.split('/').every((part) => !['', '.', '..'].includes(part) && !/^\.git$/i.test(part)));

/** The place of a repository's git folder. */
const gitFiles = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('own') }),
  /** It is the folder of the repository itself. */
  z.strictObject({ kind: z.literal('bare') }),
  /** Inside that of another one: a nested submodule, or a worktree. */
  z.strictObject({ kind: z.literal('within'), repository: inside, place: inside }),
  /** It was elsewhere and is not in the snapshot. */
  z.strictObject({ kind: z.literal('none') }),
]);

const contents = z.strictObject({
  version: z.literal(1),
  losses: z.array(loss).max(10_000),
  /** Outer ones before nested ones. */
  repositories: z.array(z.strictObject({ path: inside, git: gitFiles })).max(2_000),
  /** Git folders of submodules that were not in the tree, by name. */
  stores: z.array(inside).max(2_000),
});

export type SnapshotContents = z.infer<typeof contents>;
export type SnapshotRepository = SnapshotContents['repositories'][number];

/** Undefined if the commit has none that we wrote. @throws KernelError `GIT_FAILED` */
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

/** The contents of snapshots besides files, by their commits. */
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
