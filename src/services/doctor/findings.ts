/**
 * What the doctor can find, in words (`docs/doctor.md`). `{name}` places are facts. Everything that is not well says
 * why it matters and what to do about it.
 */
import type { FindingLevel } from '../../contract/results/doctor';

export interface FindingWords {
  readonly level: FindingLevel;
  readonly saw: string;
  /** Absent where all is well. */
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
    'Nothing is started or changed in it. The doctor starts no program either, so it says less.',
    'Trust the workspace if you know where its files come from, then run the doctor again.',
  ),
  NOT_LOOKED: info(
    'Not checked: that would start a program.',
    'In a window that is not trusted nothing is started.',
    'Trust the workspace, then run the doctor again.',
  ),
  CHECK_FAILED: warning(
    'This could not be checked: {problem}',
    'What the doctor cannot see may be well or not.',
    'Run the doctor again. If that stays so, the log of Intercore has more.',
  ),
  CHECK_SLOW: warning(
    'No answer in {seconds} seconds.',
    'What answers that slowly also slows down agents.',
    'Run the doctor again when the machine has less to do.',
  ),

  SETTINGS_VALID: ok('All settings of Intercore are valid.'),
  SETTING_INVALID: warning(
    'The setting {setting} is not valid: {problem}',
    'Its default is used instead.',
    'Correct the setting.',
  ),

  GIT_FOUND: ok('git {version}, {path}'),
  GIT_MISSING: problem(
    'There is no git on PATH.',
    'Agents work in git worktrees, and their work is merged by git.',
    'Install git {least} or newer, then start VS Code again.',
  ),
  GIT_OLD: problem(
    'git {version}, {path}, is older than {least}.',
    'Older versions cannot try a merge without touching your files.',
    'Install git {least} or newer, then start VS Code again.',
  ),
  GIT_MUTE: problem(
    '{path} does not say its version: {problem}',
    'Agents work in git worktrees, and their work is merged by git.',
    'Run it in a terminal to see what is wrong, or install git again.',
  ),

  IDENTITY_KNOWN: ok('git knows who makes commits in {folder}.'),
  IDENTITY_MISSING: problem(
    'git does not know who makes commits in {folder}.',
    'Agents cannot commit what they make, so their work is never accepted.',
    'Tell git a name and an email address.',
  ),

  NODE_OF_EDITOR: ok('Node {version}, which comes with the editor.'),
  NODE_FOUND: ok('Node {version}, {path}'),
  NODE_MISSING: info(
    'There is no Node on PATH.',
    'In VS Code `ic` uses the Node of the editor. In a shell elsewhere it needs one of its own.',
    'Install Node {least} or newer if you use `ic` outside VS Code.',
  ),
  NODE_OLD: warning(
    'Node {version}, {path}, is older than {least}.',
    'In a shell outside VS Code `ic` may not work with it.',
    'Install Node {least} or newer.',
  ),

  IC_ANSWERS: ok('`ic` answers: version {version}.'),
  IC_MUTE: problem(
    '`ic` does not answer: {problem}',
    'Agents report what they do by `ic`.',
    'Install the extension again.',
  ),
  IC_IN_TERMINALS: ok('Terminals of VS Code find `ic`.'),
  IC_NOT_IN_TERMINALS: info(
    'Terminals of VS Code do not find `ic`.',
    'The setting intercore.terminal.addToPath is off. Agents find it all the same.',
    'Switch the setting on to use `ic` in terminals.',
  ),
  IC_ON_PATH: ok('`ic` is on PATH: {path}'),
  IC_NOT_ON_PATH: warning(
    '`ic` is not on PATH.',
    'Hooks and scripts that call `ic` do not find it.',
    'Put the folder {folder} on PATH.',
  ),
  IC_OTHER: warning(
    'Another `ic` comes first on PATH: {path}',
    'Hooks and scripts that call `ic` run that one.',
    'Put the folder {folder} before it on PATH.',
  ),

  AGENT_READY: ok('{kind}: {version}, signed in, {path}'),
  AGENT_FOUND: ok('{kind}: {path}. It needs no sign-in that the doctor knows of.'),
  AGENT_SIGN_IN_UNKNOWN: info(
    '{kind}: {version}, {path}. Whether it is signed in cannot be told: {problem}',
    'An agent that is not signed in ends with an error as soon as it is started.',
    'Start it once in a terminal and see whether it asks you to sign in.',
  ),
  AGENT_SIGNED_OUT: problem(
    '{kind}: {version}, {path}, is not signed in.',
    'It ends with an error as soon as it is started.',
    'Sign in by running `{line}` in a terminal.',
  ),
  AGENT_MUTE: problem(
    '{kind}: {path} does not say its version: {problem}',
    'An agent that does not start cannot work.',
    'Run it in a terminal to see what is wrong, or install it again.',
  ),
  AGENT_MISSING: problem(
    '{kind}: there is no program {command} on PATH.',
    'The settings name this kind of agent for your work, and it cannot be started.',
    'Install it, or choose another kind in the setting intercore.agents.default.',
  ),
  AGENT_ABSENT: info(
    '{kind}: there is no program {command} on PATH.',
    'Agents of this kind cannot be started. No setting names it, so nothing needs it.',
    'Install it if you want to use it.',
  ),
  AGENT_REFUSES_ROOT: problem(
    '{kind}: it refuses to work without asking when it is run as root.',
    'This program runs as root, and so do the agents it starts.',
    'Use VS Code as an ordinary user. In a container made for agents, set the variable IS_SANDBOX to 1.',
  ),
  AGENT_VARIABLES: ok('{kind} is given these variables of yours: {names}'),
  AGENT_VARIABLE_MISSING: warning(
    '{kind}: {cause} is set, and {names} is not.',
    'The agent reaches no model without it.',
    'Set it in the start-up file of your shell, then start VS Code again.',
  ),
  VARIABLE_NOT_SET: info(
    '{kind}: the settings hand on {names}, which is not set.',
    'Agents, checks and set-up commands that need it fail.',
    'Set it in the start-up file of your shell, then start VS Code again.',
  ),
  LOGIN_SHELL_FAILED: warning(
    'Your login shell does not report its variables: {problem}',
    'Agents and checks get the variables of VS Code only, so programs may be missing from their PATH.',
    'Start your shell in a terminal and search for errors, or start VS Code from a terminal.',
  ),
  AGENT_DRIFT: info(
    '{kind} {version} prints what Intercore does not know: {fields}',
    'These fields are left out of figures and messages. All other fields are read, and the log keeps every line.',
    'Update Intercore, or report the fields to its makers.',
  ),
  AGENT_KIND_UNKNOWN: problem(
    'The settings name the agent kind {kind}, which does not exist.',
    'No agent can be started with it.',
    'Choose one of {known}.',
  ),

  BEADS_FOUND: ok('bd {version}, {path}'),
  BEADS_ABSENT: info(
    'There is no `bd` on PATH.',
    'Nothing needs it unless you keep subtasks in it, too.',
    'Install it if you use it.',
  ),
  BEADS_MUTE: warning(
    '{path} does not say its version: {problem}',
    'Subtasks cannot be kept in it.',
    'Run it in a terminal to see what is wrong, or install it again.',
  ),

  GITHUB_SIGNED_IN: ok('Signed in to GitHub, with leave for: {scopes}'),
  GITHUB_FEW_SCOPES: warning(
    'Signed in to GitHub, but without leave for: {missing}',
    'Private repositories and pull requests need it.',
    'Sign in again and grant it.',
  ),
  GITHUB_SIGNED_OUT: info(
    'Not signed in to GitHub, or Intercore may not use the sign-in yet.',
    'Nothing needs it but pull requests and private repositories on GitHub.',
    'Sign in when you want to use these. Intercore asks for it then.',
  ),
  GITHUB_TOKEN: ok('A token for GitHub is in the variable {variable}. Whether it is valid was not tried.'),
  GITHUB_UNKNOWN: info(
    'Whether you are signed in to GitHub cannot be told: {problem}',
    'Nothing needs it but pull requests and private repositories on GitHub.',
    'Sign in when you want to use these.',
  ),

  DATABASE_SOUND: ok('{path} is sound.'),
  DATABASE_LOG_LEFT: info(
    'A program stopped and left a write-ahead log next to {path}.',
    'Nothing is lost: the log is read, and the next write merges it into the database.',
    'Run Recover Database to merge it now.',
  ),
  DATABASE_ABSENT: info(
    'There is no record in {folder} yet.',
    'Runs and tasks are kept in it.',
    'Initialize Intercore in the folder when you want to use it there.',
  ),
  DATABASE_DAMAGED: problem(
    '{path} is damaged: {problem}',
    'It can be neither read nor written. It is left as it is, so nothing more is lost.',
    'Restore the newest backup. The damaged file is kept beside it.',
  ),
  DATABASE_UNUSABLE: problem('{path} cannot be used: {problem}', 'It can be neither read nor written.', '{hint}'),
  DATABASE_READ_ONLY: warning('{path} can only be read: {problem}', 'Nothing can be changed in it.', '{hint}'),

  WRITABLE: ok('{path} can be written.'),
  NOT_WRITABLE: problem(
    '{path} cannot be written: {problem}',
    'Records, prompts, logs and worktrees cannot be kept there.',
    'Change its owner or its permissions, or choose another place.',
  ),

  PLACE_UNSEEN: problem(
    '{path} cannot be seen: {problem}',
    'Its disk may not be connected. Records, prompts, logs and worktrees there can be neither read nor written.',
    'Connect the disk, or make the folder readable, then run the doctor again.',
  ),

  DISK_FREE: ok('{free} are free at {path}.'),
  DISK_LOW: warning(
    'Only {free} are free at {path}.',
    'Each running agent needs a copy of the files of its repository.',
    'Free some space.',
  ),
  DISK_FULL: problem(
    'Only {free} are free at {path}.',
    'Changes cannot be saved when the disk is full. What is saved already is safe.',
    'Free some space before you continue.',
  ),

  NO_CLONES: ok('No folder is used as a project yet.'),
  CLONE_FINE: ok('{project}: {path}, branch {branch}'),
  CLONE_FREED: ok('{project}: the clone at {path} is freed from the disk; it is cloned again when it is needed'),
  CLONE_ELSEWHERE: problem(
    '{project}: {path} is recorded elsewhere and was not opened.',
    'Its tasks cannot continue.',
    'If this location is yours, run Trust This Location, or `ic project trust` with the id of the project.',
  ),
  CLONE_UNCHECKED: problem(
    '{project}: {path} was not checked: {problem}',
    'Its state is unknown.',
    'Fix the cause, then run the doctor again.',
  ),
  CLONE_GONE: problem(
    '{project}: there is no folder {path}.',
    'Its tasks cannot continue.',
    'Connect its disk if it is away. Relocate the project if its folder was moved. If it was deleted, restore the folder or remove the project.',
  ),
  CLONE_UNSEEN: problem(
    '{project}: {path} cannot be seen: {problem}',
    'Its disk may not be connected. Its tasks cannot continue.',
    'Connect the disk, or make the folder readable, then run the doctor again.',
  ),
  CLONE_NO_REPOSITORY: problem(
    '{project}: there is no git repository in {path}.',
    'Its tasks cannot continue.',
    'Connect its disk if it is away. Relocate the project if its repository was moved. If it was deleted, restore it or remove the project.',
  ),
  CLONE_OWNERSHIP: problem(
    '{project}: git does not use the repository {path}, because it belongs to another user.',
    'Its tasks cannot continue.',
    'If you trust its owner, name the folder in the option safe.directory of git.',
  ),
  CLONE_FILES_APART: problem(
    '{project}: the repository of {path} is in another folder, which does not name {path} as its working tree.',
    'Its tasks cannot continue.',
    'If that is your setup, name the working tree in the configuration of the repository.',
  ),
  CLONE_LINK_BROKEN: problem(
    '{project}: {problem}',
    'Its tasks cannot continue.',
    'Connect the disk of the repository if it is away. If it was moved, relocate the project or repair the link.',
  ),
  CLONE_DAMAGED: problem(
    '{project}: {problem}',
    'Its tasks cannot continue. Nothing of the repository was changed.',
    'Repair that file or its permissions, or restore it from a backup or another clone. Git fsck lists damaged objects.',
  ),
  CLONE_BARE: problem(
    '{project}: {problem}',
    'Git does not use the files in the folder.',
    'If you did not set this option, set it to false.',
  ),
  CLONE_EMPTY: problem(
    '{project}: the repository {path} has no commits yet.',
    'Work starts at a commit of the base branch.',
    'Make a first commit.',
  ),
  CLONE_NO_BRANCH: problem(
    '{project}: {path} has no branch {branch}.',
    'Work starts on this branch and is merged into it.',
    'Change the base branch of the project if the branch was renamed. If it was deleted, make it again.',
  ),
  CLONE_DETACHED: info(
    '{project}: {path} has no branch checked out.',
    'Work is merged into {branch} all the same. The files in the folder do not change with it.',
    'Run git switch {branch} there if the files must follow.',
  ),
  CLONE_BASE_GONE: warning(
    '{project}: the remote of {path} no longer has its default branch {branch}.',
    'Work still lands on {branch} on this machine. Where the remote has renamed it, that is the old name.',
    'Check out the new default branch there, or run Change Base Branch….',
  ),
  CLONE_DEFAULT_MOVED: warning(
    '{project}: the default branch of the remote of {path} is {other} now.',
    'Work still starts at {branch} and is merged into it.',
    'If work must land on {other}, check it out there and run Change Base Branch…, or `ic project base`.',
  ),
  MERGE_INTERRUPTED: warning(
    '{project}: a merge in {path} was interrupted.',
    'Some of its files may be as before the merge, and some as after it.',
    'Run `ic project list` in the folder, or open it in VS Code. The merge is undone, or completed where all its files were written.',
  ),
  CLONE_LFS_MISSING: problem(
    '{project}: {path} uses Git LFS, which is not installed.',
    'Checkouts fail, or contain pointers in place of large files.',
    'Install Git LFS from https://git-lfs.com, then run git lfs install.',
  ),
  CLONE_LOCKED: warning(
    '{project}: {path} is locked by {lock}, for {minutes} minutes now.',
    'Git refuses to commit there until the lock is gone.',
    'If no git program works there, remove that file.',
  ),

  WORKTREES_FINE: ok('Every worktree belongs to a subtask or a planner.'),
  WORKTREES_UNCHECKED: info(
    '{project}: unused worktrees were not searched, because the repository {path} or a worktree cannot be used.',
    'Their state is unknown.',
    'Fix the cause, then run the doctor again.',
  ),
  WORKTREE_STRAY: warning(
    'Nothing in the record of {project} knows the worktree {path}.',
    'It takes space, and its branch cannot be checked out elsewhere.',
    'Look at what is in it, then clean up. What is not committed is kept as a snapshot, and its branch stays.',
  ),
  WORKTREE_UNSEEN: warning(
    'The worktree of subtask “{subtask}” cannot be seen: {path} ({problem})',
    'Its disk may not be connected. The subtask does not start again until the worktree is there, so that no work is lost.',
    'Connect the disk, or make the folder readable, then retry the subtask. If it is gone for good, Clean Up Worktrees forgets it.',
  ),
  WORKTREE_GONE: info(
    'The worktree of subtask “{subtask}” is gone: {path}',
    'What was not committed in it is gone, too. Its branch is still there.',
    'Retry the subtask: its worktree is made again from its branch.',
  ),
} as const satisfies Readonly<Record<string, FindingWords>>;

export type FindingCode = keyof typeof FINDINGS;
