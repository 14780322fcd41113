/** What the editor shows of all settings, in the order of its list. No program loads it. */
import { AGENT_SETTING_TEXTS } from './agents';
import { DISPATCH_SETTING_TEXTS } from './dispatches';
import { GITHUB_SETTING_TEXTS } from './github';
import type { SettingTexts } from './model';
import { PROGRAM_SETTING_TEXTS } from './program';
import { RUN_SETTING_TEXTS } from './runs';
import type { SETTINGS } from './settings';
import { TASK_SETTING_TEXTS } from './tasks';
import { WORKTREE_SETTING_TEXTS } from './worktrees';

export const SETTING_TEXTS: SettingTexts<typeof SETTINGS> = {
  ...RUN_SETTING_TEXTS,
  ...AGENT_SETTING_TEXTS,
  ...DISPATCH_SETTING_TEXTS,
  ...TASK_SETTING_TEXTS,
  ...WORKTREE_SETTING_TEXTS,
  ...GITHUB_SETTING_TEXTS,
  ...PROGRAM_SETTING_TEXTS,
};
