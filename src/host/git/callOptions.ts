/** Options of a call of git besides its arguments. Loaded with the first call. */
import type { GuardedCall } from './callGuard';

/** Of the author and committer of a commit. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** What simple-git wants confirmed: all of these are set here or by `fixedConfig.ts`, and none comes from outside. */
export const OURS = {
  allowUnsafeHooksPath: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeAskPass: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePack: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeSubmodule: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeUrlRewrite: true,
  allowUnsafeAlias: true,
};

/** The variables of a call of git, with those of `passed`. */
export function callEnvironment(
  passed: Readonly<Record<string, string>>,
  { identity, env }: { readonly identity?: Identity; readonly env?: Readonly<Record<string, string>> },
  config: GuardedCall['settings'],
): Record<string, string> {
  return {
    ...passed,
    // Messages that we parse must be in a fixed language.
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_OPTIONAL_LOCKS: '0',
    // Progress is a sign of life, so it is shown without delay.
    GIT_PROGRESS_DELAY: '0',
    GIT_LFS_FORCE_PROGRESS: '1',
    ...(identity === undefined ? {} : identityVariables(identity)),
    ...env,
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

function identityVariables({ name, email }: Identity): Record<string, string> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
