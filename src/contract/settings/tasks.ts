/** Settings of tasks: planners and workers, the proof of their work, and the tracker they report to. */
import * as z from 'zod';
import { absoluteOrEmpty, commandLine, wholeNumber } from './values';
import { setting, type SettingTexts } from './model';

/** An agent kind; empty: the setting `intercore.agents.default`. */
const kindOrDefault = z.string().max(64);

export const TASK_SETTINGS = {
  'intercore.tasks.planner': setting(kindOrDefault, '', 'resource', 'policy'),
  'intercore.tasks.worker': setting(kindOrDefault, '', 'resource', 'policy'),
  'intercore.tasks.maxAttempts': setting(wholeNumber(1, 50), 10, 'resource'),
  'intercore.tasks.timeLimitMinutes': setting(wholeNumber(1, 10_080), 60, 'resource'),
  'intercore.tasks.maxConcurrent': setting(wholeNumber(1, 16), 3, 'resource'),
  'intercore.tasks.checks': setting(z.array(commandLine).max(20), [], 'machine-overridable', 'commandLine'),
  /** Templates; empty: those of the extension. */
  'intercore.tasks.plannerPrompt': setting(absoluteOrEmpty, '', 'machine-overridable', 'template'),
  'intercore.tasks.workerPrompt': setting(absoluteOrEmpty, '', 'machine-overridable', 'template'),
  'intercore.tasks.tracker': setting(z.enum(['native', 'beads']), 'native', 'resource', 'policy'),
  /** `bd`: a name that is searched on PATH, or an absolute path. */
  'intercore.tasks.beadsPath': setting(z.string().min(1).max(4096), 'bd', 'machine', 'program'),
  'intercore.tasks.beadsSyncSeconds': setting(wholeNumber(0, 3600), 30, 'resource'),
} as const;

export const TASK_SETTING_TEXTS: SettingTexts<typeof TASK_SETTINGS> = {
  'intercore.tasks.planner': {
    text: 'Agent kind that plans tasks. Empty: `#intercore.agents.default#`.',
  },
  'intercore.tasks.worker': {
    text: 'Agent kind that builds subtasks. Empty: `#intercore.agents.default#`.',
  },
  'intercore.tasks.maxAttempts': {
    text: 'How many attempts a planner or a worker has before its task or subtask is shown in *Needs You*.',
  },
  'intercore.tasks.timeLimitMinutes': {
    text: 'Minutes after which one attempt of a planner or a worker is stopped, and each check of its work.',
  },
  'intercore.tasks.maxConcurrent': {
    text: 'How many planners and workers of one folder run at once. `#intercore.dispatch.maxConcurrent#` applies too.',
  },
  'intercore.tasks.checks': {
    text: 'Command lines that are run in the worktree of a subtask before it counts as completed: each is a list of a program and its arguments, such as `["npm", "test"]`. No shell reads them.',
  },
  'intercore.tasks.plannerPrompt': {
    text: 'Absolute path of the template for the prompts of planners. Empty: the template of the extension.',
    patternText: 'Enter an absolute path, or nothing.',
  },
  'intercore.tasks.workerPrompt': {
    text: 'Absolute path of the template for the prompts of workers. Empty: the template of the extension.',
    patternText: 'Enter an absolute path, or nothing.',
  },
  'intercore.tasks.tracker': {
    text: 'Where planners and workers of new tasks write plans and report progress. A task keeps the tracker it was planned with.',
    values: {
      native: 'Agents use `ic`. Nothing else is needed.',
      beads: 'Agents use `bd`. Subtasks are issues of Beads, which keeps its data outside of the repository.',
    },
  },
  'intercore.tasks.beadsPath': {
    text: 'Beads, where `#intercore.tasks.tracker#` is `beads`: `bd` as found on the PATH, or its absolute path.',
  },
  'intercore.tasks.beadsSyncSeconds': {
    text: 'How often, in seconds, Beads is read. `0`: only when an agent has ended, or when a task has changed here.',
  },
};
