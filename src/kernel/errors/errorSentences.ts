/** The sentence and the hint of each error code, in one exhaustive table (`docs/design/failures.md`). */
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './stateSentences';

/** English sentence and hint of each code. Placeholders in braces are names of facts. */
export const SENTENCES: { readonly [C in ErrorCode]: Sentence } = {
  NOT_FOUND: { text: 'The {what} {id} was not found.', hint: 'Check the id, and that it belongs to this folder.' },
  INVALID_ARGUMENT: { text: 'Invalid {argument}: {problem}.', hint: 'Nothing was changed.' },
  RUN_TERMINAL: {
    text: 'Run {runId} is already {status}.',
    hint: 'Roll it back to reopen a completed run, or create a new run.',
  },
  PHASE_TERMINAL: {
    text: 'Run {runId} is already in its last phase, {phase}.',
    hint: 'There is no later phase to advance to.',
  },
  PHASE_NOT_IN_CHAIN: { text: 'Run {runId} has no phase "{phase}".', hint: 'Its phases are: {chain}.' },
  PHASE_NOT_AHEAD: {
    text: 'Phase "{phase}" of run {runId} does not come after its current phase "{current}".',
    hint: 'Only later phases can be skipped.',
  },
  PHASE_NOT_BEHIND: {
    text: 'Phase "{phase}" of run {runId} does not come before its current phase "{current}".',
    hint: 'Roll back to an earlier phase.',
  },
  PHASE_NOT_SKIPPABLE: {
    text: 'Phase "{phase}" is the last phase of run {runId} and cannot be skipped.',
    hint: 'Advance into it to complete the run.',
  },
  STALE: {
    text: 'The {what} {id} is now "{found}", not "{expected}": someone else changed it first.',
    hint: 'Check its current state, then try again if the change is still needed.',
  },
  DISPATCH_FINISHED: { text: 'Dispatch {dispatchId} has already ended: {status}.', hint: 'Start a new dispatch.' },
  DISPATCH_LIMIT: {
    text: 'Portfolio {portfolioId} has {active} active dispatches ({holders}) and allows {limit}.',
    hint: 'Wait until a dispatch ends, kill one, or raise the limit.',
  },
  RUN_BUDGET: {
    text: 'Run {runId} has {left} left of its budget of {of}, but the dispatch needs {needed} ({missing} more).',
    hint: 'Raise the budget, wait until another dispatch ends, or give this dispatch a smaller budget.',
  },
  PORTFOLIO_BUDGET: {
    text: 'Portfolio {portfolioId} has {left} left of its budget of {of}, but the dispatch needs {needed} ({missing} more).',
    hint: 'Raise the budget, wait until another dispatch ends, or give this dispatch a smaller budget.',
  },
  AGENT_LINKED: { text: 'Agent {agentId} already has a dispatch.', hint: 'Add another agent for another dispatch.' },
  DEPENDENCY_CYCLE: {
    text: 'The dependencies of portfolio {portfolioId} would form a circle: {path}.',
    hint: 'Remove one of these dependencies first.',
  },
  DEPENDENCY_EXISTS: {
    text: 'In portfolio {portfolioId}, {downstream} already depends on {upstream}.',
    hint: 'Nothing was changed.',
  },
  PROJECT_EXISTS: {
    text: 'This repository is already the project {name} in {path}.',
    hint: 'Create tasks in that project.',
  },
  TASK_STATE: {
    text: 'The {what} {id} is {state} and cannot be {wanted} now.',
    hint: 'Check its current state and its dependencies, then try again.',
  },
  TASK_OWNS_RUN: {
    text: 'Run {runId} belongs to task {taskId}, which is {status}, and cannot be in phase {phase}.',
    hint: 'The run advances when the plan of its task is accepted, and again when every subtask is merged.',
  },
  PLAN_INVALID: {
    text: 'The plan of task {taskId} cannot be used: {problem}.',
    hint: 'Retry planning, or edit the plan.',
  },
  AGENT_RUNNING: {
    text: 'Attempt {attempt} of {id} is still running.',
    hint: 'Wait for it to end, or stop it.',
  },
  LEAD_KEPT: {
    text: 'Another program (pid {pid} on {machine}) still leads the tasks of {folder} after {seconds} seconds.',
    hint: 'It may be suspended, busy, or an older version. Stop it, then try again. No agent was started twice.',
  },
  LEAD_LOST: {
    text: 'Another program leads the tasks of {folder} now.',
    hint: 'Nothing was written or started. This program waits until it can take over again.',
  },
  PROMPT_INVALID: {
    text: 'The prompt template {path} cannot be used: {problem}.',
    hint: 'Fix the template, or clear the setting that names it.',
  },
  GIT_FAILED: {
    text: '{command} failed in {folder}: {problem}',
    hint: 'Fix the cause, then try again.',
  },
  GIT_MISSING: {
    text: 'Git is not installed or not on PATH.',
    hint: 'Install Git from https://git-scm.com, then restart the editor.',
  },
  GIT_TIMEOUT: {
    text: '{command} was stopped in {folder}: it made no progress for {seconds} seconds.',
    hint: 'Raise the setting intercore.git.timeLimitSeconds, or set it to 0 for no limit, then try again.',
  },
  GIT_PROGRAM_WAITED: {
    text: '{command} was stopped in {folder}: {program} did not respond for {seconds} seconds.',
    hint: 'If it asked for a password or a security key, sign in from a terminal, then try again, or raise intercore.git.timeLimitSeconds.',
  },
  GIT_FILES_MISSING: {
    text: '{command} failed in {folder}: this is a partial clone, and its missing files could not be fetched from the remote: {problem}',
    hint: 'Check the network and your sign-in, then try again. To complete the clone, run: git fetch --refetch --no-filter',
  },
  GIT_LFS_MISSING: {
    text: '{command} failed in {folder}: the repository uses Git LFS, which is not installed.',
    hint: 'Install Git LFS from https://git-lfs.com, run git lfs install, then try again.',
  },
  GIT_OWNERSHIP: {
    text: 'Git refuses to use the repository {folder} because it belongs to another user.',
    hint: 'If you trust its owner, run: git config --global --add safe.directory {folder}',
  },
  GIT_REPOSITORY_MISSING: {
    text: 'There is no git repository in {folder}.',
    hint: 'Run git init there, or choose the folder that contains the repository.',
  },
  GIT_FILES_APART: {
    text: 'The repository of {folder} is in {place}, which does not name this folder as its working tree.',
    hint: 'If this is intended, run: {command}',
  },
  WORKTREE_OTHER_PATH: {
    text: 'The worktree {path} was not opened: its path in git is {known}.',
    hint: 'Open {known} instead.',
  },
  GIT_LINK_BROKEN: {
    text: 'The repository of {folder} was not found: .git points to {place}, which does not exist.',
    hint: 'If its disk is disconnected, connect it. If the repository was moved, run git worktree repair in it, or write its new path to .git.',
  },
  HEAD_DAMAGED: {
    text: 'Git cannot use the repository {folder} because {file} names neither a branch nor a commit.',
    hint: 'Its commits are not affected. Write “ref: refs/heads/” followed by the name of the branch to that file, then try again.',
  },
  OBJECTS_MISSING: {
    text: 'Objects of the repository {folder} are missing or damaged: {problem}',
    hint: 'If they are borrowed from another repository, connect its disk. If they are lost, copy .git/objects from a backup or another clone. To list them, run: git fsck',
  },
  REPOSITORY_DAMAGED: {
    text: 'The repository {folder} is damaged: {problem}',
    hint: 'Repair that file, or restore it from a backup or another clone. A damaged index can be deleted: git reset creates it again.',
  },
  GIT_ACCESS_REFUSED: {
    text: 'The system denied access to a file that git needs in {folder}: {problem}',
    hint: 'Check its owner and permissions, and whether its disk is mounted read-only, then try again.',
  },
  BARE_BY_OPTION: {
    text: 'Git treats {folder} as a bare repository because core.bare is true in its configuration.',
    hint: 'If you did not set that, run: {command}',
  },
  REPOSITORY_BARE: {
    text: '{folder} is a bare repository, which has no working tree.',
    hint: 'Clone it, and use the clone as the project.',
  },
  REPOSITORY_EMPTY: {
    text: 'The repository {folder} has no commits yet.',
    hint: 'Create a first commit, then try again.',
  },
  HEAD_DETACHED: {
    text: 'The repository {folder} has no branch checked out, so it has no base branch.',
    hint: 'Check out the branch that work is merged into, then try again.',
  },
  BRANCH_MISSING: {
    text: 'Branch {branch} does not exist in the repository {folder}.',
    hint: 'Create the branch, or change the base branch of the project.',
  },
  SUBMODULE_UNREACHABLE: {
    text: 'The commit of the submodule {path} could not be checked on its remote {remote}: {problem}',
    hint: 'Check the address in .gitmodules, the network, and your sign-in. The check is repeated automatically.',
  },
  SUBMODULE_LOST: {
    text: 'The work needs commit {commit} of the submodule {path}, which is no longer on its remote {remote}.',
    hint: 'Nothing was merged. Push the commit again from the submodule in the worktree of the subtask, then merge again.',
  },
  GIT_BUSY: {
    text: 'Another operation has been running in the repository {folder} for more than {waitedMs} ms.',
    hint: 'Try again when it has ended.',
  },
  WORKTREE_IN_USE: {
    text: 'An agent is running in the worktree {path}: {by}.',
    hint: 'Nothing was removed. Wait until it ends, or kill its dispatch, then try again.',
  },
  WORKTREE_LOCKED: {
    text: 'The worktree {path} is locked, so it was not removed.',
    hint: 'Nothing was changed. To unlock it, run: git worktree unlock {path}',
  },
  WORKTREE_UNSEEN: {
    text: 'The worktree {path} cannot be seen: {problem}.',
    hint: 'Nothing was changed. Connect its disk or make its folder readable, then try again. If it is permanently gone, remove it from git with Clean Up Worktrees or “ic worktree clean --forget {path}”.',
  },
  BEADS_MISSING: {
    text: 'Beads could not be started as {program}: {problem}',
    hint: 'Install bd, set its path in intercore.tasks.beadsPath, or set intercore.tasks.tracker to native.',
  },
  BEADS_TOO_OLD: {
    text: '{program} is Beads {version}; {needed} or later is needed.',
    hint: 'Install a later bd, or set intercore.tasks.tracker to native.',
  },
  BEADS_FAILED: {
    text: '{command} failed: {problem}',
    hint: 'Your files were not changed. Fix the cause, then sync the tasks again.',
  },
  BRANCH_IN_USE: {
    text: 'Branch {branch} was not moved: git {operation} is in progress in {folder}.',
    hint: 'Nothing was changed. Finish or abort git {operation} there, then try again.',
  },
  BRANCH_CHECKED_OUT_TWICE: {
    text: 'Branch {branch} was not moved: it is checked out in {folder} and in {other}.',
    hint: 'Nothing was changed. Check out another branch in one of them, then try again.',
  },
  WORKTREE_ABSENT: {
    text: 'Branch {branch} was not moved: it is checked out in {folder}, which is missing.',
    hint: 'Nothing was changed. Mount its disk, or run git worktree prune if the folder is permanently gone.',
  },
  INDEX_CONFLICTED: {
    text: 'Branch {branch} was not moved: {folder} has files with conflicts.',
    hint: 'Nothing was changed. Resolve the conflicts there, then try again.',
  },
  INDEX_LOCKED: {
    text: 'Branch {branch} was not moved: another git process is running in {folder}.',
    hint: 'Nothing was changed. Try again when it has ended. If none is running, delete {lock}.',
  },
  MERGE_UNFINISHED: {
    text: 'An interrupted merge changed files in {folder}, and they could not be restored: {problem}.',
    hint: 'Fix the cause, then merge again: the files are restored first.',
  },
  SIGNING_FAILED: {
    text: 'The merge commit could not be signed by {program}, as commit.gpgSign requires: {problem}',
    hint: 'Nothing was merged. Unlock the key in a terminal, with ssh-add or by signing once with gpg, then merge again.',
  },
  SIGNING_WAITED: {
    text: 'The merge commit was not signed: {program} did not finish within {seconds} seconds.',
    hint: 'Nothing was merged. Unlock the key in a terminal or touch the security key, then merge again, or raise intercore.git.timeLimitSeconds.',
  },
  MERGE_CONFLICT: {
    text: 'Branch {branch} cannot be merged into {base}: both change {files}.',
    hint: 'Update the branch from {base}, then merge again.',
  },
  GITHUB_FAILED: {
    text: 'GitHub refused the request {request} (status {status}): {problem}',
    hint: 'Your files were not changed. Fix the cause and try again.',
  },
  GITHUB_UNREACHABLE: {
    text: 'GitHub at {host} could not be reached: {problem}',
    hint: 'Check the network and its proxy, then try again.',
  },
  GITHUB_AUTH: {
    text: 'GitHub did not accept the sign-in: {problem}',
    hint: 'Sign in to GitHub again and grant the requested permissions.',
  },
  GITHUB_RATE_LIMIT: {
    text: 'The rate limit of GitHub is reached until {resetsAt}.',
    hint: 'Try again after that time.',
  },
  GITHUB_NOT_FOUND: {
    text: '{name} was not found on GitHub, or you do not have access to it.',
    hint: 'Check its name and the permissions of the account that you are signed in with.',
  },
  PULL_REQUEST_EMPTY: {
    text: 'No pull request was opened: every commit of {head} is already in {base}.',
    hint: 'Its changes are already in {base}. Retry the subtask if more work is needed.',
  },
  PULL_REQUEST_MOVED: {
    text: 'Pull request #{number} is at commit {found}, but commit {proven} was proven.',
    hint: 'Review the other commits and merge the pull request on GitHub, or remove them and try again.',
  },
  PROOF_MISSING: {
    text: 'Subtask {subtask} has no proven commit.',
    hint: 'Its work is being proven again. Try again when it is completed.',
  },
  PROOF_OUTDATED: {
    text: 'Subtask {subtask}: {branch} is at commit {found}, but commit {proven} was proven.',
    hint: 'Its work is being proven again. Try again when it is completed.',
  },
  BASE_HOLDS_WORK: {
    text: 'Base branch {base} already contains the work of commit {commit}, but Intercore did not merge it.',
    hint: 'Check who changed {base}. Mark the subtask as merged if that is right.',
  },
  BASE_MOVED: {
    text: 'The base branch {base} kept changing during the merge.',
    hint: 'Nothing was merged. Try again.',
  },
  PULL_REQUEST_UNMERGED: {
    text: 'The work of subtask {subtask} is not merged: {state}.',
    hint: 'Merge it on GitHub, or mark it as merged.',
  },
  WORK_UNPUSHED: {
    text: 'Project {name} has work that exists nowhere else: {branches}.',
    hint: 'Commit and push it first, or confirm that it can be deleted.',
  },
  FOLDER_TAKEN: {
    text: '{path} already exists.',
    hint: 'Use that folder as the project, or move it away.',
  },
  DISCOVERY_DUPLICATE: {
    text: 'The discovery {sourceId} of {source} is already recorded.',
    hint: 'Score or promote the existing discovery.',
  },
  DISCOVERY_CLOSED: {
    text: 'Discovery {discoveryId} is already {status}.',
    hint: 'Submit new findings as another discovery.',
  },
  ROW_INVALID: {
    text: 'The row {id} of table {table} has an invalid {column}: {problem}.',
    hint: 'It was damaged or written by another program. Correct it with a SQLite tool.',
  },
  SQL_FAILED: { text: 'The database refused a statement: {problem}.', hint: 'Nothing was changed.' },
  RECORD_OF_OTHERS: {
    text: 'The record {path} belongs to another user, {owner}.',
    hint: 'It was not opened. If you trust its owner, run: ic trust add {folder}',
  },
  LOCKS_UNSAFE: {
    text: 'The folder {path} cannot be used for locks: {problem}.',
    hint: 'Remove it, or set XDG_RUNTIME_DIR to a folder that belongs to you alone.',
  },
  DATABASE_MISSING: {
    text: 'There is no Intercore database at {path}.',
    hint: 'Initialize Intercore in this folder first. In a terminal, run: ic init',
  },
  DATABASE_LOADING: { text: 'The database {path} is still being read.', hint: 'Try again in a moment.' },
  DATABASE_DAMAGED: {
    text: 'The database {path} is damaged: {problem}.',
    hint: 'It was not changed. Restore the newest backup next to it.',
  },
  DATABASE_REFUSED: {
    text: 'The database {path} was not opened: {problem}.',
    hint: 'Do not use it unless you know where it comes from. Restore a backup, or move the file away and initialize Intercore again.',
  },
  DATABASE_IN_USE: {
    text: 'Another program has the database {path} open: {by}.',
    hint: 'Close that program and try again. Reading still works.',
  },
  DATABASE_BUSY: {
    text: 'The database {path} stayed locked for {waitedMs} ms.',
    hint: 'Another process is writing. Try again in a moment.',
  },
  LOCK_UNKNOWN: {
    text: 'It is unknown whether the lock {path} is still held: {problem}.',
    hint: 'Check that no Intercore process is running and that the clock is right, then delete the lock.',
  },
  DATABASE_UNGUARDED: {
    text: 'The database {path} was not changed: {problem}.',
    hint: 'Use Node.js 22.13 or later, which includes SQLite.',
  },
  DATABASE_HOT_JOURNAL: {
    text: 'A program stopped in the middle of writing {path} and left {journal}.',
    hint: 'Run Recover Database in VS Code, or open the database with the sqlite3 program. Then try again.',
  },
  DATABASE_LOG_LEFT: {
    text: 'A program stopped and left the write-ahead log {log} next to {path}.',
    hint: 'Run Recover Database in VS Code, or open the database with the sqlite3 program. Then try again.',
  },
  DATABASE_NEWER: {
    text: 'The database {path} has schema version {version}, but this version of Intercore supports {supported}.',
    hint: 'It is open for reading only. Update Intercore to write.',
  },
  DATABASE_READ_ONLY: {
    text: 'The database {path} cannot be written: {problem}.',
    hint: 'Check the permissions of the file and its folder.',
  },
  DATABASE_PATH: {
    text: 'The path {path} cannot be used for the database: {problem}.',
    hint: 'Use a regular file inside the project folder.',
  },
  DATABASE_WRITE_FAILED: {
    text: 'Saving {path} failed: {problem}.',
    hint: 'The database was not changed. Free some disk space or fix the permissions, then try again.',
  },
  DATABASE_CHANGING: {
    text: 'The database {path} was changed by another program during each of {attempts} attempts to write it.',
    hint: 'Try again when that program is done.',
  },
  MIGRATION_FAILED: {
    text: 'The database with schema version {fromVersion} could not be upgraded: {problem}.',
    hint: 'The file was not changed.',
  },
  KERNEL_CLOSED: {
    text: 'The database {path} was closed before the change was saved.',
    hint: 'Open the folder again and repeat the change.',
  },
  AGENT_KIND_UNKNOWN: {
    text: 'There is no agent kind "{kind}".',
    hint: 'Known kinds: {known}. Add others in the setting intercore.agents.kinds.',
  },
  AGENT_NOT_STARTED: {
    text: 'The agent "{command}" could not be started: {problem}.',
    hint: 'Check that the program is installed and on PATH, or set its command in intercore.agents.kinds.',
  },
  ACCOUNT_HELD: {
    text: 'The account of {kind} is held until {until}: {reason}.',
    hint: 'Work continues at that time. To start agents now, run: ic agent resume {kind}',
  },
  ACCOUNT_STOPPED: {
    text: 'The account of {kind} is held until you resume it: {reason}.',
    hint: 'To start its agents again, run: ic agent resume {kind}',
  },
  TOO_MANY_DISPATCHES: {
    text: '{active} agents are running in this window, and at most {limit} are allowed.',
    hint: 'Wait until an agent ends, kill one, or raise the setting intercore.dispatch.maxConcurrent.',
  },
  DISPATCHES_LIVE: {
    text: 'The database {path} was not removed: {active} of its dispatches may still be running.',
    hint: 'Wait until they end, or kill them first.',
  },
  PROCESS_UNKNOWN: {
    text: 'Process {pid} of dispatch {dispatchId} was not stopped: {problem}.',
    hint: 'If it is still running, stop it manually, then cancel the dispatch again.',
  },
  FILE_UNREADABLE: {
    text: 'The file {path} cannot be read: {problem}.',
    hint: 'Check that it exists and is a readable file.',
  },
  SETUP_FAILED: {
    text: 'The set-up command `{command}` failed: {problem}',
    hint: 'Fix the command in the setting intercore.tasks.setup, or its cause, then retry.',
  },
  SETUP_OFFLINE: {
    text: 'The set-up has no network connection: {problem}',
    hint: 'Check the connection. The set-up is repeated automatically. To repeat it now, retry it.',
  },
  COPY_FAILED: {
    text: '{path} could not be copied to {folder}: {problem}.',
    hint: 'Fix the cause and try again. The destination was not changed.',
  },
  FILE_UNWRITABLE: {
    text: 'The file {path} could not be written: {problem}.',
    hint: 'Choose another location, or fix its permissions.',
  },
  FOLDER_MISSING: { text: 'The folder {path} does not exist.', hint: 'Check the path. Nothing was changed.' },
  FOLDER_UNUSABLE: {
    text: 'The folder {path} cannot be added to a portfolio: {problem}.',
    hint: 'Choose existing folders on disk, each only once. Nothing was changed.',
  },
  PATH_OUTSIDE: { text: 'The path {path} is outside the folder {folder}.', hint: 'Choose a file inside the project.' },
  RECORDED_ELSEWHERE: {
    text: '{path} is recorded elsewhere and was not opened.',
    hint: 'If it is your repository or worktree, use Trust This Location on its row, or ic project trust, or ic subtask trust.',
  },
  LOCATION_REFUSED: {
    text: 'The location {path} cannot be trusted: {problem}.',
    hint: 'Nothing was changed. If it is yours, open it as a separate folder.',
  },
  UNTRUSTED: {
    text: 'This workspace is not trusted. Intercore can read its data, but does not change or run anything.',
    hint: 'Trust the workspace to continue.',
  },
  PERSON_DECIDES: {
    text: 'Only a person can decide on {operation}, and this call comes from an agent.',
    hint: 'Ask the person. For a gate, run ic gate ask RUN --reason=TEXT, which adds an item to Needs You. Otherwise, ask in your output.',
  },
  AGENT_NOT_ALLOWED: {
    text: 'Agents of kind {kind} are not allowed in {folder} yet.',
    hint: 'They run programs and change files without asking. Allow them with Allow Agents… in the editor, or with ic agent allow {kind}.',
  },
  AGENT_WIDER: {
    text: 'An agent of kind {kind} has more permissions than the agent that requested it.',
    hint: 'Request a kind and a sandbox with no more permissions than your own, or ask the person to start it.',
  },
  NO_FOLDER: { text: 'No folder is open.', hint: 'Open a folder on disk first.' },
  NO_PORTFOLIO_HOME: {
    text: 'No workspace with several folders is open.',
    hint: 'Add a second folder to the workspace, or open a .code-workspace file.',
  },
  NONE_AVAILABLE: { text: '{problem}', hint: 'Nothing was changed.' },
  SETTING_INVALID: {
    text: 'The setting {setting} is invalid: {problem}.',
    hint: 'Its default is used until it is corrected.',
  },
};
