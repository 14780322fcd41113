/** Settings for a program without a window: those of the editor (docs/lead.md). */
import type { IgnoredChoice } from '../../host/git/git';
import { timeLimits, type TimeLimits } from '../../host/git/config/timeLimits';
import { silentLog } from '../../host/log';
import { KernelError } from '../../kernel/errors/errors';
import { ignoredChoice } from '../../services/leader/ignoredChoice';
import { LeaderSettings } from './leadSettings';
import { editorLayers } from './settingsFiles';

/** Which ignored files a snapshot keeps. @throws KernelError `FILE_UNREADABLE` */
export async function ignoredBySettings(env: NodeJS.ProcessEnv, folder: string): Promise<IgnoredChoice> {
  return ignoredChoice(await editorSettings(env, [folder]), folder);
}

/** How long git steps may run without output. A settings file that cannot be read does not stop git. */
export async function limitsBySettings(env: NodeJS.ProcessEnv): Promise<TimeLimits> {
  try {
    return limitsOf(await editorSettings(env, []));
  } catch (error) {
    if (!KernelError.is(error, 'FILE_UNREADABLE')) throw error;
    return limitsOf(emptySettings());
  }
}

/** The address of the list of agents. @throws KernelError `FILE_UNREADABLE` */
export async function listAddressBySettings(env: NodeJS.ProcessEnv): Promise<string> {
  return (await editorSettings(env, [])).get('intercore.agents.listAddress');
}

function limitsOf(settings: LeaderSettings): TimeLimits {
  return timeLimits(settings.get('intercore.git.timeLimitSeconds'));
}

/** Settings of a person; those of the folders that need trust do not apply. @throws KernelError `FILE_UNREADABLE` */
export async function editorSettings(env: NodeJS.ProcessEnv, of: readonly string[]): Promise<LeaderSettings> {
  const { own, folders } = await editorLayers(env, of);
  return new LeaderSettings({ own, folders, workspace: undefined, isOneFolder: true, given: {} }, false, silentLog);
}

function emptySettings(): LeaderSettings {
  const none = { own: [], folders: new Map(), workspace: undefined, isOneFolder: true, given: {} };
  return new LeaderSettings(none, false, silentLog);
}
