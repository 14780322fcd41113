/**
 * GitHub for scripts: the account of the environment, or of the `gh` program
 * (`docs/design/github.md#adding-a-project`).
 */
import path from 'node:path';
import { systemPorts } from '../../host/clock';
import { passedOn } from '../../host/git/git';
import { gitHubAddress, hostOf, type TokenSource } from '../../host/github/address';
import { silentLog, type Log } from '../../host/log';
import { askProgram } from '../../host/process/programs';
import { storageFolder } from '../../host/state/stateFolder';
import { trustedFoldersOf } from '../../host/trusted/trustedFolders';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';
import type { GitSettings } from './gitWith';
import { connectGitHub, type GitHubConnection } from '../../services/tasks/project/gitHubConnection';

type Environment = Readonly<Record<string, string | undefined>>;

/** Read in this order, as `gh` does. */
const VARIABLES = ['GH_TOKEN', 'GITHUB_TOKEN'] as const;
const GH_LIMIT_MS = 10_000;
/** Variables by which `gh` finds its configuration and the system's keyring, in addition to those of git. */
const OF_GH = [
  'GH_CONFIG_DIR',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'DISPLAY',
  'WAYLAND_DISPLAY',
];

/**
 * `folders`: folders that git may run in; `storages`: our storage folders in addition to the usual one. The server is
 * that of `GITHUB_SERVER_URL`, else the public one. The token is kept in memory only.
 * @throws KernelError `INVALID_ARGUMENT` for an invalid address
 */
export function gitHubOf(
  env: NodeJS.ProcessEnv,
  folders: readonly string[],
  settings: GitSettings | undefined,
  log: Log = silentLog,
  storages: readonly string[] = [],
): GitHubConnection {
  const address = gitHubAddress(env['GITHUB_SERVER_URL'] ?? '');
  const token = tokenOf(env, hostOf(address));
  // A person has typed the command that needs it, or has started `ic mcp` for these folders.
  const trusted = (): boolean => true;
  const storageDir = cloneStorage(env);
  const places = trustedFoldersOf(
    env,
    () => folders,
    () => storages,
  );
  return connectGitHub({
    trusted,
    places,
    ...settings,
    address,
    token,
    storageDir,
    clock: systemPorts.clock,
    log,
  });
}

/** Clones of projects are kept in its `projects` folder. */
export function cloneStorage(env: Environment): string {
  return path.dirname(storageFolder(env));
}

function tokenOf(env: Environment, host: string): TokenSource {
  const fail = (problem: Problem<'GITHUB_AUTH'>, cause?: unknown): never => {
    throw new KernelError('GITHUB_AUTH', { problem }, { cause });
  };
  return async (refused) => {
    const given = VARIABLES.map((name) => env[name] ?? '').find((token) => token !== '') ?? (await askGh(env, host));
    if (given === undefined)
      return fail(because('set {variables}, or sign in with: gh auth login', { variables: VARIABLES.join(' or ') }));
    return given === refused ? fail(because('the token of the environment was refused')) : given;
  };
}

/** Undefined if the program is missing or not signed in. */
async function askGh(environment: Environment, host: string): Promise<string | undefined> {
  const args = ['auth', 'token', '--hostname', host];
  const env = { ...passedOn(environment), ...Object.fromEntries(OF_GH.map((name) => [name, environment[name]])) };
  // A person has typed the command that needs it, or has started `ic mcp` for these folders.
  const { code, stdout } = await askProgram({ trusted: () => true, program: 'gh', args, env, timeoutMs: GH_LIMIT_MS });
  return code === 0 ? stdout.trim() || undefined : undefined;
}
