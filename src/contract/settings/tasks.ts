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
    text: 'Agent kind of planners. Empty: `#intercore.agents.default#`.',
  },
  'intercore.tasks.worker': {
    text: 'Agent kind of workers, which build subtasks. Empty: `#intercore.agents.default#`.',
  },
  'intercore.tasks.maxAttempts': {
    text: 'Maximum number of attempts of a planner or a worker. Then its task or subtask is shown in *Needs You*.',
  },
  'intercore.tasks.timeLimitMinutes': {
    text: 'Time limit in minutes of each attempt of a planner or a worker, and of each check of its work.',
  },
  'intercore.tasks.maxConcurrent': {
    text: 'Maximum number of planners and workers that run at once in one folder. `#intercore.dispatch.maxConcurrent#` also applies.',
  },
  'intercore.tasks.checks': {
    text: 'Command lines that must succeed before a subtask is completed. Each is a list of a program and its arguments, such as `["npm", "test"]`, and runs without a shell.',
  },
  'intercore.tasks.plannerPrompt': {
    text: 'Absolute path of the prompt template for planners. Empty: the built-in template.',
    patternText: 'Enter an absolute path, or leave the setting empty.',
  },
  'intercore.tasks.workerPrompt': {
    text: 'Absolute path of the prompt template for workers. Empty: the built-in template.',
    patternText: 'Enter an absolute path, or leave the setting empty.',
  },
  'intercore.tasks.tracker': {
    text: 'Tracker in which planners and workers of new tasks write plans and report progress. A task keeps the tracker it was planned with.',
    values: {
      native: 'Agents use `ic`. Nothing else is needed.',
      beads: 'Agents use `bd`. Subtasks are Beads issues, which are stored outside the repository.',
    },
  },
  'intercore.tasks.beadsPath': {
    text: 'Name of the `bd` program on PATH, or its absolute path. Used when `#intercore.tasks.tracker#` is `beads`.',
  },
  'intercore.tasks.beadsSyncSeconds': {
    text: 'How often, in seconds, to read changes from Beads. `0`: only when an agent ends or a task changes here.',
  },
};
