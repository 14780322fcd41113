/** Git for a call of `ic`, which a person makes in a folder of theirs. */
import type { Git } from '../../host/git/git';
import type { TimeLimits } from '../../host/git/config/timeLimits';
import { gitWith, type GitSettings } from './gitWith';

/** `folders`: the folders of the call, known without their records. */
export function gitIn(environment: NodeJS.ProcessEnv, ...folders: readonly string[]): Git {
  return gitWith(environment, settingsOf(environment), folders);
}

/** Read at the first call of git, or before a worktree is removed, because few calls need it. */
export function settingsOf(environment: NodeJS.ProcessEnv): GitSettings {
  let limits: Promise<TimeLimits> | undefined;
  return {
    ignored: async (folder) => (await import('./editorSettings.js')).ignoredBySettings(environment, folder),
    limits: () => (limits ??= limitsOf(environment)),
  };
}

async function limitsOf(environment: NodeJS.ProcessEnv): Promise<TimeLimits> {
  const { limitsBySettings } = await import('./editorSettings.js');
  return limitsBySettings(environment);
}
