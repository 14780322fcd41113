/** Settings of the program itself: where it keeps files, and how long it waits. */
import * as z from 'zod';
import { absoluteOrEmpty, wholeNumber } from './values';
import { setting, type SettingTexts } from './model';

export const PROGRAM_SETTINGS = {
  /** Empty: the extension's own storage. */
  'intercore.storage.directory': setting(absoluteOrEmpty, '', 'machine-overridable', 'place'),
  'intercore.terminal.addToPath': setting(z.boolean(), true, 'window'),
  'intercore.git.timeLimitSeconds': setting(wholeNumber(0, 86_400), 600, 'window'),
  'intercore.database.busyTimeoutMs': setting(wholeNumber(100, 60_000), 5_000, 'window'),
  'intercore.relay.intervalSeconds': setting(wholeNumber(1, 300), 2, 'window'),
} as const;

export const PROGRAM_SETTING_TEXTS: SettingTexts<typeof PROGRAM_SETTINGS> = {
  'intercore.storage.directory': {
    text: 'Absolute path of the folder for prompts and logs. Empty: the storage of the extension.',
    patternText: 'Enter an absolute path, or leave the setting empty.',
  },
  'intercore.terminal.addToPath': {
    text: 'Add `ic`, the command line of Intercore, to PATH in new terminals, and make the configured agent kinds available to it.',
  },
  'intercore.git.timeLimitSeconds': {
    text: 'Time limit in seconds of a git command in a working tree, such as `git status`, without progress. `0`: no limit. Checkouts, which may wait for filters such as Git LFS, get three times as long. Network commands and reads of the repository get a fifth. Signing gets the full time, and at least a minute.',
  },
  'intercore.database.busyTimeoutMs': {
    text: 'How long, in milliseconds, to wait while another process writes to the database.',
  },
  'intercore.relay.intervalSeconds': {
    text: 'How often, in seconds, the relay of a portfolio reads the child runs.',
  },
};
