/**
 * The environment of agents, checks and set-up commands: an allow-list of the user's variables, and variables of the
 * dispatch.
 */
import path from 'node:path';
import type { AgentKind } from '../../../contract/agentKinds';
import { isFamily, variableMatcher } from '../../../contract/variables';
import { AGENT_KINDS_VARIABLE } from '../../../host/state/agentKindsFile';
import type { DispatchRequest } from './dispatchRequest';
import type { McpServerCommand } from './mcpServer';
import { defined } from '../../../kernel/defined';
import { WINDOWS_VARIABLES } from '../../../host/process/system/windowsVariables';

/** Passed to every program if set. */
const ALLOWED = [
  // User, home, language, network.
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TZ',
  'LANG',
  'LANGUAGE',
  'LC_*',
  'TERM',
  'SSH_AUTH_SOCK',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  ...WINDOWS_VARIABLES,
  'COMSPEC',
  // Locations of compilers, runtimes and package managers. Families that include tokens are listed by full names.

  'JAVA_HOME',
  'JDK_HOME',
  'NVM_DIR',
  'NVM_BIN',
  'NVM_INC',
  'FNM_DIR',
  'FNM_MULTISHELL_PATH',
  'VOLTA_HOME',
  'PNPM_HOME',
  'COREPACK_HOME',
  'BUN_INSTALL',
  'DENO_DIR',

  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'CONDA_EXE',
  'CONDA_DEFAULT_ENV',
  'PYENV_*',
  'PYTHONPATH',
  'PYTHONHOME',
  'UV_CACHE_DIR',
  'UV_PYTHON',
  'POETRY_HOME',
  'GOPATH',
  'GOROOT',
  'GOBIN',
  'GOCACHE',
  'GOMODCACHE',
  'GOFLAGS',
  'GOPROXY',
  'GOPRIVATE',
  'GOTOOLCHAIN',
  'CARGO_HOME',
  'CARGO_TARGET_DIR',
  'RUSTUP_*',
  'RUSTFLAGS',
  'GEM_HOME',
  'GEM_PATH',
  'RBENV_*',
  'BUNDLE_PATH',

  'M2_HOME',
  'MAVEN_HOME',
  'MAVEN_OPTS',
  'GRADLE_HOME',
  'GRADLE_USER_HOME',
  'GRADLE_OPTS',
  'SDKMAN_DIR',
  'KOTLIN_HOME',
  'ANDROID_HOME',
  'ANDROID_SDK_ROOT',
  'ANDROID_NDK_HOME',
  'FLUTTER_ROOT',
  'DOTNET_*',
  'NUGET_PACKAGES',

  'ASDF_DIR',
  'ASDF_DATA_DIR',
  'MISE_DATA_DIR',
  'MISE_CONFIG_DIR',
  'HOMEBREW_PREFIX',
  'NIX_PATH',
  'NIX_PROFILES',
  'NIX_SSL_CERT_FILE',
  'CUDA_HOME',
  'CUDA_PATH',
  'CC',
  'CXX',
  'CFLAGS',
  'CXXFLAGS',
  'CPPFLAGS',
  'LDFLAGS',
  'PKG_CONFIG_PATH',
  'LD_LIBRARY_PATH',
  AGENT_KINDS_VARIABLE,
  // The Node that `ic` uses, and variables that an agent's own dispatches pass on.
  'INTERCORE_NODE',
  'INTERCORE_PASS_ENV',
];

const isAllowed = variableMatcher(ALLOWED);

/** The sources of variables for the programs that we start for a user. */
export interface EnvironmentSource {
  readonly variables: NodeJS.ProcessEnv;
  /** The setting `intercore.agents.passEnv`: names and families beyond the fixed list. */
  readonly passEnv: readonly string[];
}

/** What the caller gives, or the environment of this program. */
export async function environmentSource(deps: {
  readonly environment?: (() => Promise<EnvironmentSource>) | undefined;
}): Promise<EnvironmentSource> {
  return (await deps.environment?.()) ?? { variables: process.env, passEnv: [] };
}

/** The folders and environment of an agent. */
export interface DispatchLocation {
  readonly projectFolder: string;
  readonly databasePath: string;
  /** Folders outside the project where agents may run: worktrees. */
  readonly workFolders: readonly string[];
  /** The folder with a subfolder for each dispatch. */
  readonly storageDir: string;
  readonly icBinDir: string | undefined;
  readonly mcpServer: McpServerCommand | undefined;
  readonly environment: EnvironmentSource;
}

export interface EnvironmentInput {
  readonly kind: AgentKind;
  readonly request: DispatchRequest;
  readonly place: DispatchLocation;
  readonly dispatchId: string;
  readonly verdictFile: string;
}

/** Our variables come last, so that no program can pretend to be another dispatch. `ic` comes first in PATH. */
export function agentEnvironment(input: EnvironmentInput): Record<string, string> {
  const { kind, request, place } = input;
  const chosen: Record<string, string> = { ...kindEnvironment(kind, place.environment), ...request.env };
  return {
    ...chosen,
    ...pathWith(chosen, place.icBinDir),
    INTERCORE_DB: place.databasePath,
    INTERCORE_DISPATCH_ID: input.dispatchId,
    INTERCORE_VERDICT_FILE: input.verdictFile,
    ...defined({ INTERCORE_RUN_ID: request.runId }),
  };
}

/** The environment of an agent of this kind, without the variables of its dispatch. */
export function kindEnvironment(kind: AgentKind, source: EnvironmentSource): Record<string, string> {
  const isOfKind = variableMatcher([...(kind.passEnv ?? []), ...source.passEnv]);
  return { ...pick(source.variables, (name) => isAllowed(name) || isOfKind(name)), ...kind.env };
}

/** The environment of a user's command line that runs where an agent has worked: a check or a set-up command. */
export function plainEnvironment({ variables, passEnv }: EnvironmentSource): Record<string, string> {
  const isPassed = variableMatcher(passEnv);
  return pick(variables, (name) => isAllowed(name) || isPassed(name));
}

export interface HandedOn {
  /** The names of variables beyond those that every program gets, in alphabetical order. */
  readonly names: readonly string[];
  /** Names in a setting that are not set. */
  readonly missing: readonly string[];
}

/** The variables that agents get because of the kind and the setting. Without values, which are secrets. */
export function handedOn(kind: AgentKind, { variables, passEnv }: EnvironmentSource): HandedOn {
  const patterns = [...(kind.passEnv ?? []), ...passEnv];
  const isOfKind = variableMatcher(patterns);
  const isSet = (name: string): boolean => (variables[name] ?? '') !== '';
  const names = Object.keys(variables).filter((name) => isSet(name) && isOfKind(name) && !isAllowed(name));
  const missing = patterns.filter((pattern) => !isFamily(pattern) && !names.includes(pattern) && !isSet(pattern));
  return { names: [...names, ...Object.keys(kind.env ?? {})].sort(), missing };
}

function pick(environment: NodeJS.ProcessEnv, wanted: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(environment);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value !== undefined && wanted(name) ? [[name, value]] : [])),
  );
}

function pathWith(environment: Readonly<Record<string, string>>, binDir: string | undefined): Record<string, string> {
  if (binDir === undefined) return {};
  // Windows writes it `Path`.
  const name = Object.keys(environment).find((candidate) => candidate.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    [name]: [binDir, environment[name]].filter((part) => part !== undefined && part !== '').join(path.delimiter),
  };
}
