/** The sentences and hints of failures of git, Beads, GitHub, and the landing of work. */
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './sentence';

export const GIT_SENTENCES = {
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
} satisfies { readonly [C in ErrorCode]?: Sentence };
