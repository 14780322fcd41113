/** The results of operations on worktrees: snapshots, and unused worktrees (`docs/design/tasks.md#leading-and-recovery`). */
import type { Loss } from '../treeLoss';

/**
 * How ignored files get into a new worktree. `copy`: on its own, sharing blocks where the file system can. `hardLink`: one
 * file with two names, so a write in place reaches the original. `symbolicLink`: the original itself.
 */
export const COPY_MODES = ['copy', 'hardLink', 'symbolicLink'] as const;
export type CopyMode = (typeof COPY_MODES)[number];

/** One thing to do in each new worktree. Each has the file that suggests it. */
export type SetupProposal =
  /** A command line: a program and its arguments. */
  | {
      readonly kind: 'command';
      readonly source: string;
      readonly command: readonly [string, ...string[]];
      readonly isChosen: boolean;
    }
  /** Ignored files that are copied from the clone, by a pattern of `.gitignore`. */
  | { readonly kind: 'copy'; readonly source: string; readonly pattern: string; readonly isChosen: boolean };

export interface SetupProposals {
  readonly projectId: string;
  /** In the order in which they should run; `isChosen` are those that fit without a review. */
  readonly proposals: readonly SetupProposal[];
}

/** A project that could not be asked; the others were. */
export interface SkippedProject {
  readonly projectId: string;
  readonly name: string;
  readonly problem: string;
}

export interface WorktreeSnapshots {
  /** Newest first. */
  readonly snapshots: readonly WorktreeSnapshot[];
  readonly skipped: readonly SkippedProject[];
}

/** What was not committed in a worktree when it was removed. */
export interface WorktreeSnapshot {
  readonly projectId: string;
  /** Under `refs/intercore/snapshots`. */
  readonly ref: string;
  readonly sha: string;
  /** The commit that the worktree stood on. */
  readonly head: string;
  /** Unix seconds. */
  readonly takenAt: number;
  /** Whose worktree it was; null where that is deleted. A planner's is the task's alone. */
  readonly task: { readonly id: string; readonly title: string } | null;
  readonly subtask: { readonly id: string; readonly title: string } | null;
  /** Files that differ from the commit it stood on. */
  readonly files: readonly string[];
  /** What else it holds: repositories below the worktree, changes and commits of submodules, ignored files. */
  readonly holds: readonly Loss[];
}

export interface RestoredWorktree {
  readonly path: string;
  readonly branch: string;
  /** False where it was brought back before, and is still there. */
  readonly isNew: boolean;
}

/**
 * Why a worktree is not used: it was restored from a snapshot, its planning is over, its subtask works elsewhere or
 * not any more, or its task or subtask is deleted. `unseen`: it cannot be seen, and a subtask that is not in progress may
 * still need it; it is only ever forgotten by name.
 */
export type UnusedReason = 'restored' | 'planned' | 'forgotten' | 'deleted' | 'unseen';

export interface UnusedWorktree {
  readonly projectId: string;
  /** Absolute. */
  readonly path: string;
  /** Stays when the worktree is removed. */
  readonly branch: string | null;
  readonly reason: UnusedReason;
  /** Some of the files that are not committed; a removal keeps all of them in a snapshot. */
  readonly changes: readonly string[];
  /** What else a snapshot of it keeps: commits, stashes, nested repositories, submodules, ignored files. */
  readonly holds: readonly Loss[];
}

export interface UnusedWorktrees {
  readonly unused: readonly UnusedWorktree[];
  readonly skipped: readonly SkippedProject[];
}

export interface WorktreeCleanup {
  /** With the ref that keeps what was not committed. */
  readonly removed: readonly { readonly path: string; readonly snapshot: string | null }[];
  readonly left: readonly { readonly path: string; readonly problem: string }[];
}
