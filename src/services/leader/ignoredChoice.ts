/** The settings for ignored files in snapshots. */
import type { IgnoredChoice } from '../../host/git/git';
import type { SettingsReader } from './settings';

/** Which ignored files a snapshot of a worktree of a clone keeps. */
export function ignoredChoice(settings: SettingsReader, clone: string): IgnoredChoice {
  return {
    patterns: settings.get('intercore.tasks.snapshotIgnoredFiles', clone),
    maxBytes: settings.get('intercore.tasks.snapshotIgnoredLimitKB', clone) * 1024,
  };
}
