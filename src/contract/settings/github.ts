/** Settings of GitHub: the server, pull requests, and how merges are verified. */
import * as z from 'zod';
import { setting, type SettingTexts } from './model';
import { wholeNumber } from './values';

/** An address as `gitHubAddress` understands it: one that a token may be sent to. */
const gitHubServer = z
  .string()
  .max(2000)
  .regex(/^$|^https:\/\/[^@\s]+$|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/, 'it must start with https://');

export const GITHUB_SETTINGS = {
  /** Empty: the public GitHub. */
  'intercore.github.address': setting(gitHubServer, '', 'machine', 'address'),
  'intercore.github.draftPullRequests': setting(z.boolean(), false, 'resource'),
  'intercore.github.labels': setting(z.array(z.string().min(1).max(50)).max(20), [], 'resource'),
  'intercore.github.verifyMerges': setting(z.enum(['require', 'warn', 'off']), 'warn', 'resource'),
  'intercore.github.lookMinutes': setting(wholeNumber(0, 1440), 5, 'resource'),
} as const;

export const GITHUB_SETTING_TEXTS: SettingTexts<typeof GITHUB_SETTINGS> = {
  'intercore.github.address': {
    text: 'Address of the GitHub server of projects, such as `https://github.example.com`. Empty: github.com. Other servers use the account of *GitHub Enterprise Server Authentication*: set `#github-enterprise.uri#` to the same address.',
    patternText: 'Enter an address that starts with https://, or leave the setting empty.',
  },
  'intercore.github.draftPullRequests': {
    text: 'Open pull requests as drafts.',
  },
  'intercore.github.labels': {
    text: 'Labels to add to pull requests, if your account has permission.',
  },
  'intercore.github.verifyMerges': {
    text: 'Check on GitHub before a subtask is marked as merged.',
    values: {
      require: 'Refuse unless GitHub reports the pull request as merged.',
      warn: 'Warn unless GitHub reports the pull request as merged. You can still mark the subtask.',
      off: 'Do not check.',
    },
  },
  'intercore.github.lookMinutes': {
    text: 'How often, in minutes, to check whether open pull requests were merged on GitHub. Checks back off while nothing changes. `0`: only *Sync Project* checks.',
  },
};
