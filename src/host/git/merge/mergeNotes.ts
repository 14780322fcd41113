/** Paths of the journal of a merge. Most programs need only these, not the journal itself. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';
import type { GitFolder } from '../../trusted/ownTrees';
import { gitDirectoryOf } from '../config/gitDirectory';

/** Among git's own files of a worktree. */
export const NOTES_FOLDER = 'intercore-merge';
/** It exists exactly while files of the worktree may be partly changed. */
export const JOURNAL_NAME = 'journal.json';

/** Whether there is a journal of a merge: it was interrupted, or is running. Does not start git. */
export async function hasMergeNotes(folder: GitFolder): Promise<boolean> {
  const directory = await gitDirectoryOf(folder);
  if (directory === undefined) return false;
  const linked = path.join(directory.common, 'worktrees');
  const names = (await ifThere(readdir(linked))) ?? [];
  const places = [directory.common, ...names.map((name) => path.join(linked, name))];
  const notes = places.map((place) => ifThere(lstat(path.join(place, NOTES_FOLDER, JOURNAL_NAME))));
  return (await Promise.all(notes)).some((found) => found !== undefined);
}
