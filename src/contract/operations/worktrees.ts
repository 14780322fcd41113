/** Operations on the worktrees of a folder's projects: snapshots of those that are gone, and those that are unused (`docs/design/tasks.md#leading-and-recovery`). */
import * as z from 'zod';
import type {
  RestoredWorktree,
  SetupProposals,
  UnusedWorktrees,
  WorktreeCleanup,
  WorktreeSnapshots,
} from '../results/worktrees';
import { folder, id } from '../declarations/arguments';
import { confirm, operation, resultOf } from '../declarations/operation';
import { SOME_PROJECT } from '../declarations/ways';

const file = z.string().min(1).max(4096);

/** `paths` left out: all unused worktrees that can be seen. `forget`: git forgets those of `paths` that cannot be seen. */
const unused = z.strictObject({
  folder,
  paths: z.array(file).min(1).max(10_000).optional(),
  forget: z.boolean().optional(),
});

export const WORKTREE_OPERATIONS = {
  /** `projectId` left out: of all projects. */
  'worktrees.snapshots': operation({
    args: z.strictObject({ folder, projectId: id.optional() }),
    result: resultOf<WorktreeSnapshots>(),
    effect: 'read',
    trust: true,
    decides: 'anyone',
    about: 'Snapshots of removed worktrees, newest first.',
    command: 'intercore.worktree.restore',
    ic: 'worktree snapshots',
  }),
  /** In a worktree and on a branch of its own. No other one is touched. */
  'worktrees.restore': operation({
    args: z.strictObject({ folder, projectId: id, ref: z.string().min(1).max(1000) }),
    result: resultOf<RestoredWorktree>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Restores a snapshot to a new worktree and branch. Other worktrees are not changed.',
    command: { id: 'intercore.worktree.restore', title: 'Restore Worktree…', palette: SOME_PROJECT },
    ic: 'worktree restore',
  }),
  'worktrees.unused': operation({
    args: z.strictObject({ folder, projectId: id.optional() }),
    result: resultOf<UnusedWorktrees>(),
    effect: 'read',
    trust: true,
    decides: 'anyone',
    about: 'Worktrees of Intercore that are no longer used, with the reason.',
    command: 'intercore.worktree.cleanUp',
    ic: 'worktree unused',
  }),
  'worktrees.clean': operation({
    args: unused,
    result: resultOf<WorktreeCleanup>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Removes unused worktrees after a snapshot of uncommitted changes. Branches are kept.',
    /** Without `paths` it asks which, of those of the subtask if there is one; `confirm` without `paths`: all that can be seen. */
    command: {
      id: 'intercore.worktree.cleanUp',
      title: 'Clean Up Worktrees…',
      palette: SOME_PROJECT,
      args: unused.extend({ confirm, subtaskId: id.optional() }),
    },
    ic: 'worktree clean',
    icArguments: { paths: '<folder>' },
  }),
  /** What new worktrees need before they can run; nothing is changed. `projectId` left out: the folder's only project. */
  'worktrees.proposeSetup': operation({
    args: z.strictObject({ folder, projectId: id.optional() }),
    result: resultOf<SetupProposals>(),
    effect: 'read',
    trust: true,
    decides: 'anyone',
    about: 'Setup of new worktrees of a project: command lines to run, and ignored files to copy.',
    command: {
      id: 'intercore.worktree.setUp',
      title: 'Set Up Worktrees…',
      palette: SOME_PROJECT,
      confirm: true,
    },
    ic: 'worktree setup',
  }),
};
