/** Settings of agents: their kinds, what they get, and what they may cost. */
import * as z from 'zod';
import { AT_LIMIT } from '../../kernel/budget/model';
import { agentKind, kindUsage } from '../agentKinds';
import { variablePattern } from '../variables';
import { setting, type FieldTexts, type SettingTexts } from './model';

export const AGENT_SETTINGS = {
  'intercore.agents.default': setting(z.string().min(1).max(64), 'claude', 'resource', 'policy'),
  'intercore.agents.kinds': setting(z.array(agentKind), [], 'machine-overridable', 'agentKind'),
  /** Variables and families of them (`AWS_*`). */
  'intercore.agents.passEnv': setting(z.array(variablePattern).max(100), [], 'machine', 'policy'),
  'intercore.agents.useMcp': setting(z.boolean(), true, 'window'),
  'intercore.budget.atLimit': setting(z.enum(AT_LIMIT), 'stop', 'resource', 'policy'),
  'intercore.budget.kinds': setting(z.record(z.string().min(1).max(64), kindUsage), {}, 'window', 'policy'),
} as const;

const USAGE_TEXTS: FieldTexts = {
  estimatedTokens:
    'Tokens that a dispatch reserves while no past dispatch of the kind shows its use; 0 for a kind that uses no model.',
  estimatedCostUsd: 'US dollars that a dispatch reserves while no past dispatch of the kind shows its cost.',
  inputUsdPerMillion: "US dollars for a million input tokens that are not in the model's cache.",
  outputUsdPerMillion: 'US dollars for a million output tokens.',
  cacheUsdPerMillion: "US dollars for a million input tokens taken from the model's cache.",
};

export const AGENT_SETTING_TEXTS: SettingTexts<typeof AGENT_SETTINGS> = {
  'intercore.agents.default': {
    text: 'The agent kind of a dispatch that names none: one of the built-in kinds or of `#intercore.agents.kinds#`.',
  },
  'intercore.agents.kinds': {
    text: 'Agent kinds besides the built-in `claude`, `codex` and `shell`: how a program is started, given its prompt and read.',
    fields: {
      name: 'The name of the kind. The name of a built-in kind replaces it.',
      command: 'A program on PATH, or its absolute path.',
      args: 'Its arguments. ${promptFile}, ${prompt}, ${model}, ${sandbox}, ${project}, ${dispatchId}, ${runId}, ${mcpConfigFile}, ${mcpConfigLine}, ${session} and ${resume} are replaced by the values of the dispatch.',
      promptBy:
        'How the prompt reaches the agent: on standard input, as a file named in the arguments, or in an argument.',
      parser: 'Which reader understands its output and counts its tokens.',
      env: 'Environment variables set for the agent.',
      passEnv: 'Variables passed on from your environment, by name or by family (`AWS_*`).',
      sandbox: 'The value of ${sandbox} for a dispatch that names none.',
      usage: {
        text: 'The expected usage of its dispatches, and the prices of its tokens; as in `#intercore.budget.kinds#`.',
        fields: USAGE_TEXTS,
      },
      failures: {
        text: 'How failures of the agent are recognized, before the patterns that come with Intercore. The first pattern that matches counts.',
        fields: {
          class:
            'What the failure is: a limit holds the account until it resets, an overload or a network failure is tried again without counting, a sign-in, a refused model, or bad arguments stop the work at once, and the rest uses up an attempt.',
          code: 'The name that the agent itself gives the failure.',
          text: 'A regular expression for what the agent reported, or for one of its last lines. Upper and lower case are the same.',
          exitCode: 'The exit code of the agent.',
          remedy: 'What to do about it, shown with the failure.',
        },
      },
    },
  },
  'intercore.agents.passEnv': {
    text: 'Environment variables that every agent, check, and set-up command gets besides the usual ones, by name or by family: `["NPM_TOKEN", "ARTIFACTORY_*"]`. Their values come from your login shell. Agents can read them and send them anywhere.',
  },
  'intercore.agents.useMcp': {
    text: 'Whether `claude` and `codex` get the tools of `ic mcp`, which read and change the record of their work. The file that declares the tools is kept next to their prompt, never in a project.',
  },
  'intercore.budget.atLimit': {
    text: 'What a budget of tokens or cost does at its limit.',
    values: {
      stop: 'Dispatches over the limit are stopped, and none starts that does not fit.',
      pause: 'Running dispatches may finish. New ones wait until the budget is raised.',
      warn: 'Warn only.',
    },
  },
  'intercore.budget.kinds': {
    text: 'Usage and prices of agent kinds, by their names: what a dispatch reserves while nothing is known from past ones, and the prices of its tokens where the agent does not report its cost.',
    fields: USAGE_TEXTS,
  },
};
