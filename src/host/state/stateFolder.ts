/**
 * Folders of the user's state outside projects, for programs outside an editor
 * (`docs/design/agents.md#files-of-a-dispatch`).
 */
import os from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_STATE_HOME/intercore/dispatches`, else below the home directory, else in the temporary directory. */
export function storageFolder(env: Environment): string {
  return path.join(stateFolder(env), 'dispatches');
}

/** The same for `ic lead`, with its worktrees. */
export function leaderStorage(env: Environment): string {
  return path.join(stateFolder(env), 'lead');
}

/** Notes of database files that have been checked; also read and written by the editor. */
export function checkedFilesFolder(env: Environment): string {
  return path.join(stateFolder(env), 'checked');
}

/** Port ranges of worktrees; for all programs of this user. */
export function portBasesFile(env: Environment): string {
  return path.join(stateFolder(env), 'ports.json');
}

/** Decisions of this user about folders, and their work there: never in the folders themselves, which travel. */
export function ledgerFolder(env: Environment): string {
  return path.join(stateFolder(env), 'folders');
}

/** Accounts that a limit holds, for windows and `ic` alike. */
export function accountsFolder(env: Environment): string {
  return path.join(stateFolder(env), 'accounts');
}

/** Agents that a person added: their packages and kinds. */
export function addedAgentsFolder(env: Environment): string {
  return path.join(stateFolder(env), 'agents');
}

/** The protocol's registry of agents, as it was fetched last. */
export function agentListFile(env: Environment): string {
  return path.join(stateFolder(env), 'agent-list.json');
}

/** Unknown formats in agents' output. */
export function driftFolder(env: Environment): string {
  return path.join(stateFolder(env), 'drift');
}

function stateFolder(env: Environment): string {
  const state = env['XDG_STATE_HOME'];
  if (state !== undefined && path.isAbsolute(state)) return path.join(state, 'intercore');
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (home !== undefined && path.isAbsolute(home)) return path.join(home, '.local', 'state', 'intercore');
  return path.join(os.tmpdir(), `intercore-${os.userInfo().username}`);
}
