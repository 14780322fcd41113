/**
 * The texts of the doctor's findings (`docs/doctor.md`). `{name}` placeholders are facts. Each problem says why it
 * matters and what to do about it.
 */
import type { FindingLevel } from '../../contract/results/doctor';

export interface FindingWords {
  readonly level: FindingLevel;
  readonly saw: string;
  /** Absent if there is no problem. */
  readonly why?: string;
  readonly remedy?: string;
}

const ok = (saw: string): FindingWords => ({ level: 'ok', saw });
const other =
  (level: FindingLevel) =>
  (saw: string, why: string, remedy: string): Required<FindingWords> => ({ level, saw, why, remedy });
const info = other('info');
const warning = other('warning');
const problem = other('problem');

export const FINDINGS = {
  TRUSTED: ok('The window is trusted.'),
  UNTRUSTED: warning(
    'The window is not trusted.',
    'Intercore starts and changes nothing in it. The doctor does not start programs either, so some checks are skipped.',
    'If you trust the source of its files, trust the workspace, then run the doctor again.',
  ),
  NOT_LOOKED: info(
    'Not checked, because the check starts a program.',
    'Intercore does not start programs in a window that is not trusted.',
    'Trust the workspace, then run the doctor again.',
  ),
  CHECK_FAILED: warning(
    'This could not be checked: {problem}',
    'This check was skipped, so its state is unknown.',
    'Run the doctor again. If it fails again, see the Intercore log for details.',
  ),
  CHECK_SLOW: warning(
    'No answer in {seconds} seconds.',
    'Slow answers also slow down agents.',
    'Run the doctor again when the machine is less busy.',
  ),

  SETTINGS_VALID: ok('All Intercore settings are valid.'),
  SETTING_INVALID: warning(
    'The setting {setting} is not valid: {problem}',
    'Its default is used instead.',
    'Correct the setting.',
  ),

  GIT_FOUND: ok('git {version}, {path}'),
  GIT_MISSING: problem(
    'git was not found on PATH.',
    'Agents work in git worktrees, and git merges their work.',
    'Install git {least} or newer, then start VS Code again.',
  ),
  GIT_OLD: problem(
    'git {version}, {path}, is older than {least}.',
    'Older versions cannot try a merge without touching your files.',
    'Install git {least} or newer, then start VS Code again.',
  ),
  GIT_MUTE: problem(
    '{path} did not report its version: {problem}',
    'Agents work in git worktrees, and git merges their work.',
    'Run it in a terminal to see the error, or reinstall git.',
  ),

  IDENTITY_KNOWN: ok('git has a name and an email address for commits in {folder}.'),
  IDENTITY_MISSING: problem(
    'git has no name or email address for commits in {folder}.',
    'Agents cannot commit, so their work is never accepted.',
    'Set user.name and user.email in git.',
  ),

  NODE_OF_EDITOR: ok('Node {version}, included with the editor.'),
  NODE_FOUND: ok('Node {version}, {path}'),
  NODE_MISSING: info(
    'Node was not found on PATH.',
    'In VS Code, `ic` uses the editor’s Node. In other shells it needs its own.',
    'Install Node {least} or newer if you use `ic` outside VS Code.',
  ),
  NODE_OLD: warning(
    'Node {version}, {path}, is older than {least}.',
    '`ic` may not work with it in a shell outside VS Code.',
    'Install Node {least} or newer.',
  ),

  IC_ANSWERS: ok('`ic` works: version {version}.'),
  IC_MUTE: problem(
    '`ic` does not work: {problem}',
    'Agents report their progress with `ic`.',
    'Reinstall the extension.',
  ),
  IC_IN_TERMINALS: ok('VS Code terminals find `ic`.'),
  IC_NOT_IN_TERMINALS: info(
    'VS Code terminals do not find `ic`.',
    'The setting intercore.terminal.addToPath is off. Agents still find it.',
    'Turn on the setting to use `ic` in terminals.',
  ),
  IC_ON_PATH: ok('`ic` is on PATH: {path}'),
  IC_NOT_ON_PATH: warning(
    '`ic` is not on PATH.',
    'Hooks and scripts that call `ic` do not find it.',
    'Add the folder {folder} to PATH.',
  ),
  IC_OTHER: warning(
    'Another `ic` comes first on PATH: {path}',
    'Hooks and scripts that call `ic` run that one.',
    'Put the folder {folder} before it in PATH.',
  ),

  AGENT_READY: ok('{kind}: {version}, signed in, {path}'),
  AGENT_FOUND: ok('{kind}: {path}. The doctor knows of no required sign-in.'),
  AGENT_SIGN_IN_UNKNOWN: info(
    '{kind}: {version}, {path}. Its sign-in could not be checked: {problem}',
    'An agent that is not signed in fails as soon as it starts.',
    'Start it once in a terminal and check whether it asks you to sign in.',
  ),
  AGENT_SIGNED_OUT: problem(
    '{kind}: {version}, {path}, is not signed in.',
    'It fails as soon as it starts.',
    'Sign in by running `{line}` in a terminal.',
  ),
  AGENT_MUTE: problem(
    '{kind}: {path} did not report its version: {problem}',
    'The agent may not start.',
    'Run it in a terminal to see the error, or reinstall it.',
  ),
  AGENT_MISSING: problem(
    '{kind}: the program {command} was not found on PATH.',
    'Your settings select this agent kind, and it cannot start.',
    'Install it, or choose another kind in the setting intercore.agents.default.',
  ),
  AGENT_ABSENT: info(
    '{kind}: the program {command} was not found on PATH.',
    'Agents of this kind cannot start. No setting selects this kind, so nothing needs it.',
    'Install it if you want to use it.',
  ),
  AGENT_REFUSES_ROOT: problem(
    '{kind}: it refuses to run without permission prompts as root.',
    'Intercore runs as root, and so do the agents that it starts.',
    'Run VS Code as a regular user. In a container made for agents, set the variable IS_SANDBOX to 1.',
  ),
  AGENT_VARIABLES: ok('{kind} gets these variables from your environment: {names}'),
  AGENT_VARIABLE_MISSING: warning(
    '{kind}: {cause} is set, but {names} is not.',
    'The agent cannot reach a model without it.',
    'Set it in the start-up file of your shell, then start VS Code again.',
  ),
  VARIABLE_NOT_SET: info(
    '{kind}: the settings pass on {names}, which is not set.',
    'Agents, checks and set-up commands that need it fail.',
    'Set it in the start-up file of your shell, then start VS Code again.',
  ),
  LOGIN_SHELL_FAILED: warning(
    'Your login shell did not report its variables: {problem}',
    'Agents and checks get only the variables of VS Code, so programs may be missing from their PATH.',
    'Start your shell in a terminal and check for errors, or start VS Code from a terminal.',
  ),
  AGENT_DRIFT: info(
    '{kind} {version} prints fields that Intercore does not know: {fields}',
    'Figures and messages leave these fields out. All other fields are read, and the log keeps every line.',
    'Update Intercore, or report the fields in an issue.',
  ),
  AGENT_KIND_UNKNOWN: problem(
    'The settings name the agent kind {kind}, which does not exist.',
    'No agent can be started with it.',
    'Choose one of {known}.',
  ),

  BEADS_FOUND: ok('bd {version}, {path}'),
  BEADS_ABSENT: info(
    '`bd` was not found on PATH.',
    'Only needed to keep subtasks in Beads.',
    'Install it if you use it.',
  ),
  BEADS_MUTE: warning(
    '{path} did not report its version: {problem}',
    'Subtasks cannot be kept in Beads.',
    'Run it in a terminal to see the error, or reinstall it.',
  ),

  GITHUB_SIGNED_IN: ok('Signed in to GitHub, with these permissions: {scopes}'),
  GITHUB_FEW_SCOPES: warning(
    'Signed in to GitHub, but without these permissions: {missing}',
    'Private repositories and pull requests need them.',
    'Sign in again and grant them.',
  ),
  GITHUB_SIGNED_OUT: info(
    'Not signed in to GitHub, or Intercore is not allowed to use the account yet.',
    'Only pull requests and private repositories on GitHub need a sign-in.',
    'Sign in when Intercore asks for it.',
  ),
  GITHUB_TOKEN: ok('The variable {variable} holds a GitHub token. The token was not tested.'),
  GITHUB_UNKNOWN: info(
    'Your GitHub sign-in could not be checked: {problem}',
    'Only pull requests and private repositories on GitHub need a sign-in.',
    'Sign in when Intercore asks for it.',
  ),

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
    'The worktree of subtask “{subtask}” is not accessible: {path} ({problem})',
    'Its disk may not be connected. To keep the work safe, the subtask does not start again until the worktree is accessible.',
    'Connect the disk, or make the folder readable, then retry the subtask. If it is permanently lost, run Clean Up Worktrees to forget it.',
  ),
  WORKTREE_GONE: info(
    'The worktree of subtask “{subtask}” is missing: {path}',
    'Its uncommitted changes are lost. Its branch still exists.',
    'Retry the subtask to recreate its worktree from its branch.',
  ),
} as const satisfies Readonly<Record<string, FindingWords>>;

export type FindingCode = keyof typeof FINDINGS;
