/**
 * All settings. Each is declared in the file of its noun, next to what the editor shows of it (`npm run docs`). The
 * editor's values are read by `src/window/settings.ts` only.
 */
import { AGENT_SETTINGS } from './agents';
import { DISPATCH_SETTINGS } from './dispatches';
import { GITHUB_SETTINGS } from './github';
import { PROGRAM_SETTINGS } from './program';
import { RUN_SETTINGS } from './runs';
import { TASK_SETTINGS } from './tasks';
import { WORKTREE_SETTINGS } from './worktrees';

export type { SettingSpec } from './model';

export const SETTINGS = {
  ...RUN_SETTINGS,
  ...AGENT_SETTINGS,
  ...DISPATCH_SETTINGS,
  ...TASK_SETTINGS,
  ...WORKTREE_SETTINGS,
  ...GITHUB_SETTINGS,
  ...PROGRAM_SETTINGS,
};

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<S extends SettingName> = (typeof SETTINGS)[S]['fallback'];

/** The section of all settings. */
export const SETTINGS_SECTION = 'intercore';
