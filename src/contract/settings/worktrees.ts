/** Settings of worktrees: how they are set up, and what is kept of them. */
import * as z from 'zod';
import { COPY_MODES } from '../results/worktrees';
import { commandLine, wholeNumber } from './values';
import { setting, type SettingTexts } from './model';

/** One line of a `.gitignore`. */
const includePattern = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0\n]+$/, 'it must be one line');

export const WORKTREE_SETTINGS = {
  'intercore.tasks.setup': setting(z.array(commandLine).max(20), [], 'machine-overridable', 'commandLine'),
  'intercore.tasks.include': setting(z.array(includePattern).max(100), [], 'machine-overridable', 'policy'),
  'intercore.tasks.includeBy': setting(z.enum(COPY_MODES), 'copy', 'machine-overridable', 'policy'),
  'intercore.tasks.failedCleanupMinutes': setting(wholeNumber(0, 525_600), 60, 'resource'),
  'intercore.tasks.snapshotIgnoredFiles': setting(
    z.array(z.string().min(1).max(200)).max(50),
    ['.env', '.env.*'],
    'resource',
  ),
  'intercore.tasks.snapshotIgnoredLimitKB': setting(wholeNumber(0, 1_048_576), 1024, 'resource'),
} as const;

export const WORKTREE_SETTING_TEXTS: SettingTexts<typeof WORKTREE_SETTINGS> = {
  'intercore.tasks.setup': {
    text: 'Command lines that prepare each new worktree for its agent. Each is a list of a program and its arguments, such as `["npm", "ci"]`, and runs without a shell. If set, `#intercore.tasks.checks#` run in a separate checkout of the commit. If empty, they run in the worktree of the agent when it matches the commit exactly.',
  },
  'intercore.tasks.include': {
    text: 'Ignored files of the clone to add to each new worktree, as `.gitignore` patterns: `[".env*", "node_modules/"]`. Patterns in the file `.worktreeinclude` at the root of the repository also apply. Agents can read these files.',
  },
  'intercore.tasks.includeBy': {
    text: 'How to add included files to a worktree.',
    values: {
      copy: 'Copy the files. Where the file system supports it, copies share blocks with the originals until one changes.',
      hardLink:
        'Create hard links: fast, and without extra disk space. A program that changes a file in place also changes the original.',
      symbolicLink: 'Create symbolic links. Changes that agents make are made in your clone.',
    },
  },
  'intercore.tasks.failedCleanupMinutes': {
    text: 'Minutes until the worktree of a failed subtask is removed. Uncommitted changes are kept as a snapshot, which *Retry Subtask* restores. `0`: never.',
  },
  'intercore.tasks.snapshotIgnoredFiles': {
    text: 'Ignored files that a snapshot of a removed worktree keeps. `*` matches any part of a name. A pattern with a slash is a path from the root of the worktree. Files in ignored folders and files that are the same in your clone are not kept. Snapshots are stored in your repository under `refs/intercore/snapshots`.',
  },
  'intercore.tasks.snapshotIgnoredLimitKB': {
    text: 'Maximum size in kilobytes of all ignored files in one snapshot. The smallest files are kept first. `0`: no ignored files are kept.',
  },
};
