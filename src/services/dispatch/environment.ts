/** The environment of an agent: an allow-list, what its kind asks for, and what we tell it (design §8). */
import path from 'node:path';
import type { AgentKind } from '../../contract/agentKinds';
import { AGENT_KINDS_VARIABLE } from '../../host/agentKindsFile';
import type { DispatchRequest, Place } from './request';

/** Handed on to every agent where set: who and where the user is, language, how to reach the network; then ours. */
const ALLOWED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ', 'LANG', 'LANGUAGE', 'TERM', 'SSH_AUTH_SOCK'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP', 'USERNAME', 'USERPROFILE'],
  ...['HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)'],
  AGENT_KINDS_VARIABLE,
  // The Node that `ic` uses.
  'INTERCORE_NODE',
]);

export interface EnvironmentInput {
  readonly kind: AgentKind;
  readonly request: DispatchRequest;
  readonly place: Place;
  readonly dispatchId: string;
  readonly verdictFile: string;
}

/** Ours come last, so that nothing can pretend to be another dispatch. `ic` is found first on PATH. */
export function agentEnvironment(input: EnvironmentInput): Record<string, string> {
  const { kind, request, place } = input;
  const chosen: Record<string, string> = { ...kindEnvironment(kind, place.environment), ...request.env };
  return {
    ...chosen,
    ...pathWith(chosen, place.icBinDir),
    INTERCORE_DB: place.databasePath,
    INTERCORE_DISPATCH_ID: input.dispatchId,
    INTERCORE_VERDICT_FILE: input.verdictFile,
    ...(request.runId === undefined ? {} : { INTERCORE_RUN_ID: request.runId }),
  };
}

/** What an agent of this kind has of the environment, before we tell it who it is. */
export function kindEnvironment(kind: AgentKind, environment: NodeJS.ProcessEnv): Record<string, string> {
  return { ...pick(environment, (name) => isAllowed(name) || (kind.passEnv?.includes(name) ?? false)), ...kind.env };
}

/** For a command of the person's own, run where an agent has worked: nothing that neither of them needs (D2). */
export function plainEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return pick(environment, isAllowed);
}

/** Names have no case on Windows, and proxies are set in either. */
function isAllowed(name: string): boolean {
  return ALLOWED.has(name.toUpperCase()) || name.startsWith('LC_');
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
