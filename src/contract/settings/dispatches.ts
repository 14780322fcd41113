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
    text: 'How many dispatches may run at once in this window.',
  },
  'intercore.dispatch.timeLimitMinutes': {
    text: 'Minutes after which an agent is stopped; `0` for no limit.',
  },
  'intercore.dispatch.killGraceSeconds': {
    text: 'Seconds between asking an agent to stop and stopping it.',
  },
  'intercore.dispatch.logLimitMB': {
    text: 'Largest size of the log of an agent or a check, in megabytes; `0` for no limit. Beyond it the middle of the log is cut, and a line in the log shows how much.',
  },
};
