/** The note of a subtask about submodule commits that only its removed worktree had. */
import { storedRef } from '../../../contract/treeLoss';
import type { Snapshot } from '../../../host/git/snapshot/snapshotWriter';
import type { Unit } from '../../../kernel/unit';
import { addNote } from '../../../kernel/tasks/subtask/subtasks';

/** Adds a note with their location to a subtask, if there are any. */
export function noteSubmodules(u: Unit, subtaskId: string, snapshot: Snapshot | undefined): void {
  const text = snapshot === undefined ? undefined : submoduleNote(snapshot);
  if (text !== undefined) addNote(u, subtaskId, { author: 'intercore', text });
}

function submoduleNote({ ref, losses }: Snapshot): string | undefined {
  const kept = new Map<string, string | undefined>();
  for (const loss of losses) {
    const isOfCommits = loss.kind === 'commits' || loss.kind === 'detached' || loss.kind === 'stashes';
    if (isOfCommits && loss.path !== '') kept.set(loss.path, storedRef(loss));
  }
  if (kept.size === 0) return undefined;
  const lines = [...kept].map(([path, stored]) =>
    stored === undefined
      ? `- “${path}”: only in the snapshot, because your clone has no such submodule.`
      : `- “${path}”: in the submodule of your clone, under ${stored}, and in the snapshot.`,
  );
  return [
    'The worktree was removed. Commits in it that no remote has are kept:',
    ...lines,
    `The snapshot is ${ref}; ic worktree restore brings it back.`,
  ].join('\n');
}
