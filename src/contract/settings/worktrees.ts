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
    text: 'Command lines that make each new worktree ready for its agent, such as `["npm", "ci"]`: each is a list of a program and its arguments. With them, the commit of a subtask is checked out in a folder of its own, and the checks of `#intercore.tasks.checks#` run there. Without them, the checks run in the worktree of the agent, once it is shown to be exactly the commit. No shell reads them.',
  },
  'intercore.tasks.include': {
    text: 'Ignored files of the clone that each new worktree gets too, as patterns of `.gitignore`: `[".env*", "node_modules/"]`. Those that a file `.worktreeinclude` at the top of the repository names are added. Agents can read them.',
  },
  'intercore.tasks.includeBy': {
    text: 'How included files get into a worktree.',
    values: {
      copy: 'A copy. Where the file system can, it shares blocks with the original until one of them changes.',
      hardLink:
        'A hard link: fast, and no space is taken. A program that changes the file in place changes the original too.',
      symbolicLink: 'A symbolic link to the original. What agents change, they change in your clone.',
    },
  },
  'intercore.tasks.failedCleanupMinutes': {
    text: 'How many minutes the worktree of a subtask that failed stays before it is removed; `0` for forever. Uncommitted changes are kept as a snapshot first, and *Retry Subtask* brings them back.',
  },
  'intercore.tasks.snapshotIgnoredFiles': {
    text: 'Ignored files that a snapshot of a removed worktree keeps. `*` stands for any part of a name; a pattern with a slash is a path from the top of the worktree. Files in ignored folders are not kept, nor files that are the same in your clone. They are stored in your repository, under `refs/intercore/snapshots`.',
  },
  'intercore.tasks.snapshotIgnoredLimitKB': {
    text: 'The most that ignored files may take in one snapshot, in kilobytes: the smallest are kept first. `0`: no ignored files are kept.',
  },
};
