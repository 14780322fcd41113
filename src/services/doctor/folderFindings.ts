/** Findings about records, disks, clones, and worktrees. */
import { info, ok, problem, warning, type FindingWords } from './findingWords';

export const FOLDER_FINDINGS = {
  DATABASE_SOUND: ok('{path} is intact.'),
  DATABASE_LOG_LEFT: info(
    'A program stopped and left a write-ahead log next to {path}.',
    'Nothing is lost: the log is read, and the next write merges it into the database.',
    'Run Recover Database to merge it now.',
  ),
  DATABASE_ABSENT: info(
    'There is no record in {folder} yet.',
    'Runs and tasks are kept in it.',
    'Initialize Intercore in the folder to use it there.',
  ),
  DATABASE_DAMAGED: problem(
    '{path} is damaged: {problem}',
    'It cannot be read or written. Intercore does not change it, so nothing more is lost.',
    'Restore the newest backup. The damaged file is kept next to it.',
  ),
  DATABASE_UNUSABLE: problem('{path} cannot be used: {problem}', 'It cannot be read or written.', '{hint}'),
  DATABASE_READ_ONLY: warning('{path} is read-only: {problem}', 'Nothing can be changed in it.', '{hint}'),

  WRITABLE: ok('{path} can be written.'),
  NOT_WRITABLE: problem(
    '{path} cannot be written: {problem}',
    'Records, prompts, logs and worktrees cannot be kept there.',
    'Change its owner or its permissions, or choose another folder.',
  ),

  PLACE_UNSEEN: problem(
    '{path} is not accessible: {problem}',
    'Its disk may not be connected. Records, prompts, logs and worktrees there cannot be read or written.',
    'Connect the disk, or make the folder readable, then run the doctor again.',
  ),

  DISK_FREE: ok('{free} free at {path}.'),
  DISK_LOW: warning(
    'Only {free} free at {path}.',
    'Each running agent needs a copy of its repository’s files.',
    'Free up disk space.',
  ),
  DISK_FULL: problem(
    'Only {free} free at {path}.',
    'Changes cannot be saved when the disk is full. Saved changes are safe.',
    'Free up disk space before you continue.',
  ),

  NO_CLONES: ok('No folder is used as a project yet.'),
  CLONE_FINE: ok('{project}: {path}, branch {branch}'),
  CLONE_FREED: ok('{project}: the clone at {path} was removed to free disk space. It is cloned again when needed.'),
  CLONE_ELSEWHERE: problem(
    '{project}: {path} comes from a record made elsewhere and was not opened.',
    'Its tasks cannot continue.',
    'If this location is yours, run Trust This Location, or `ic project trust` with the id of the project.',
  ),
  CLONE_UNCHECKED: problem(
    '{project}: {path} was not checked: {problem}',
    'Its state is unknown.',
    'Fix the cause, then run the doctor again.',
  ),
  CLONE_GONE: problem(
    '{project}: the folder {path} does not exist.',
    'Its tasks cannot continue.',
    'If its disk is disconnected, connect it. If the folder was moved, relocate the project. If it was deleted, restore it or remove the project.',
  ),
  CLONE_UNSEEN: problem(
    '{project}: {path} is not accessible: {problem}',
    'Its disk may not be connected. Its tasks cannot continue.',
    'Connect the disk, or make the folder readable, then run the doctor again.',
  ),
  CLONE_NO_REPOSITORY: problem(
    '{project}: {path} is not a git repository.',
    'Its tasks cannot continue.',
    'If its disk is disconnected, connect it. If the repository was moved, relocate the project. If it was deleted, restore it or remove the project.',
  ),
  CLONE_OWNERSHIP: problem(
    '{project}: git refuses to use the repository {path}, because it belongs to another user.',
    'Its tasks cannot continue.',
    'If you trust its owner, add the folder to git’s safe.directory option.',
  ),
  CLONE_FILES_APART: problem(
    '{project}: the repository of {path} is in another folder, which does not name {path} as its working tree.',
    'Its tasks cannot continue.',
    'If this is intended, set core.worktree in the repository’s configuration.',
  ),
  CLONE_LINK_BROKEN: problem(
    '{project}: {problem}',
    'Its tasks cannot continue.',
    'If the repository’s disk is disconnected, connect it. If the repository was moved, relocate the project or repair the link.',
  ),
  CLONE_DAMAGED: problem(
    '{project}: {problem}',
    'Its tasks cannot continue. The repository was not changed.',
    'Repair the file or its permissions, or restore it from a backup or another clone. `git fsck` lists damaged objects.',
  ),
  CLONE_BARE: problem(
    '{project}: {problem}',
    'git does not use the files in the folder.',
    'If you did not set this option, set it to false.',
  ),
  CLONE_EMPTY: problem(
    '{project}: the repository {path} has no commits yet.',
    'Work starts from a commit of the base branch.',
    'Create a first commit.',
  ),
  CLONE_NO_BRANCH: problem(
    '{project}: {path} has no branch {branch}.',
    'Work starts from this branch and is merged into it.',
    'If the branch was renamed, change the base branch of the project. If it was deleted, create it again.',
  ),
  CLONE_DETACHED: info(
    '{project}: {path} has no branch checked out.',
    'Work is still merged into {branch}. The files in the folder do not change with it.',
    'To update the files too, run `git switch {branch}` there.',
  ),
  CLONE_BASE_GONE: warning(
    '{project}: the remote of {path} no longer has its default branch {branch}.',
    'Work is still merged into {branch} on this machine. If the remote renamed its branch, this is the old name.',
    'Check out the new default branch there, or run Change Base Branch….',
  ),
  CLONE_DEFAULT_MOVED: warning(
    '{project}: the default branch of the remote of {path} is now {other}.',
    'Work still starts from {branch} and is merged into it.',
    'To merge work into {other}, check it out there and run Change Base Branch…, or `ic project base`.',
  ),
  MERGE_INTERRUPTED: warning(
    '{project}: a merge in {path} was interrupted.',
    'Some of its files may have their content from before the merge, and some from after it.',
    'Run `ic project list` in the folder, or open it in VS Code. The merge is then undone, or completed if all its files were written.',
  ),
  CLONE_LFS_MISSING: problem(
    '{project}: {path} uses Git LFS, which is not installed.',
    'Checkouts fail, or contain pointers in place of large files.',
    'Install Git LFS from https://git-lfs.com, then run `git lfs install`.',
  ),
  CLONE_LOCKED: warning(
    '{project}: {lock} has locked {path} for {minutes} minutes.',
    'git refuses to commit there until the lock is removed.',
    'If no git process is running there, delete that file.',
  ),

  WORKTREES_FINE: ok('Every worktree belongs to a subtask or a planner.'),
  WORKTREES_UNCHECKED: info(
    '{project}: the check for unused worktrees was skipped, because the repository {path} or a worktree cannot be used.',
    'Their state is unknown.',
    'Fix the cause, then run the doctor again.',
  ),
  WORKTREE_UNUSED: warning(
    'No task or subtask of {project} uses the worktree {path}.',
    'It takes disk space, and its branch cannot be checked out elsewhere.',
    'Check its contents, then clean up. Uncommitted changes are kept as a snapshot, and its branch stays.',
  ),
  WORKTREE_UNSEEN: warning(
    'The worktree {path} of subtask “{subtask}” is not accessible: {problem}',
    'Its disk may not be connected. To keep the work safe, the subtask does not start again until the worktree is accessible.',
    'Connect the disk, or make the folder readable, then retry the subtask. If it is permanently lost, run Clean Up Worktrees to forget it.',
  ),
  WORKTREE_GONE: info(
    'The worktree of subtask “{subtask}” is missing: {path}',
    'Its uncommitted changes are lost. Its branch still exists.',
    'Retry the subtask to recreate its worktree from its branch.',
  ),
} as const satisfies Readonly<Record<string, FindingWords>>;
