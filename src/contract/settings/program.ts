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
    text: "Where prompts and logs are kept: an absolute path. Empty: the extension's own storage.",
    patternText: 'Enter an absolute path, or nothing.',
  },
  'intercore.terminal.addToPath': {
    text: 'Whether new terminals find `ic`, the command of Intercore, on PATH, and know the agent kinds of the settings.',
  },
  'intercore.git.timeLimitSeconds': {
    text: 'How many seconds a git step in a working tree, such as `git status`, may run without progress before it is stopped; `0` for no limit. Checkouts, which may wait for filters such as Git LFS, get three times as long; network steps and reads of the repository a fifth. A signature has the whole time, and at least a minute.',
  },
  'intercore.database.busyTimeoutMs': {
    text: 'Milliseconds to wait while another process writes the database.',
  },
  'intercore.relay.intervalSeconds': {
    text: 'How often, in seconds, the relay of a portfolio reads its children.',
  },
};
