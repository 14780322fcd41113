/** Settings of dispatches. */
import { setting, type SettingTexts } from './model';
import { wholeNumber } from './values';

export const DISPATCH_SETTINGS = {
  'intercore.dispatch.maxConcurrent': setting(wholeNumber(1, 64), 4, 'window'),
  'intercore.dispatch.timeLimitMinutes': setting(wholeNumber(0, 10_080), 120, 'resource'),
  'intercore.dispatch.killGraceSeconds': setting(wholeNumber(0, 300), 10, 'window'),
  'intercore.dispatch.logLimitMB': setting(wholeNumber(0, 65_536), 64, 'machine'),
} as const;

export const DISPATCH_SETTING_TEXTS: SettingTexts<typeof DISPATCH_SETTINGS> = {
  'intercore.dispatch.maxConcurrent': {
    text: 'Maximum number of dispatches that run at once in this window.',
  },
  'intercore.dispatch.timeLimitMinutes': {
    text: 'Time limit of a dispatch in minutes. The agent is then stopped. `0`: no limit.',
  },
  'intercore.dispatch.killGraceSeconds': {
    text: 'Seconds that an agent has to exit when it is asked to stop. Then it is killed. `0`: it is killed immediately.',
  },
  'intercore.dispatch.logLimitMB': {
    text: 'Maximum size in megabytes of the log of an agent or a check. Larger logs are cut in the middle, and a line in the log shows how much is missing. `0`: no limit.',
  },
};
