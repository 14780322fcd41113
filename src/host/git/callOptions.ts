/** Options of a call of git besides its arguments. Loaded with the first call. */
import { FIXED, type Setting } from './config/fixedConfig';

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

/** Made once: every call has them. */
const FIXED_VARIABLES = configVariables(FIXED, 0);

/** The variables of a call of git, with those of `passed`. `config` overrides the fixed configuration. */
export function callEnvironment(
  passed: Readonly<Record<string, string>>,
  { identity, env }: { readonly identity?: Identity; readonly env?: Readonly<Record<string, string>> },
  config: readonly Setting[],
): Record<string, string> {
  return {
    // In front: V8 copies many properties quickly into an empty object only.
    ...FIXED_VARIABLES,
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
    ...configVariables(config, FIXED.length),
    GIT_CONFIG_COUNT: String(FIXED.length + config.length),
  };
}

function configVariables(config: readonly Setting[], from: number): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  config.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${from + index}`] = key;
    variables[`GIT_CONFIG_VALUE_${from + index}`] = value;
  });
  return variables;
}

function identityVariables({ name, email }: Identity): Record<string, string> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
