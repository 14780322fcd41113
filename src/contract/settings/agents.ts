/** Settings of agents: their kinds, what they get, and what they may cost. */
import * as z from 'zod';
import { AT_LIMIT } from '../../kernel/budget/model';
import { agentKind, kindUsage } from '../agentKinds';
import { PERMISSION_POLICIES, permissionRules } from '../permissions/model';
import { variablePattern } from '../variables';
import { setting, type FieldTexts, type SettingTexts } from './model';

/** An address that is fetched as it is: encrypted, or on this machine. */
const listAddress = z
  .string()
  .max(2000)
  .regex(
    /^https:\/\/[^@\s]+$|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?\/[^@\s]*$/,
    'it must start with https://',
  );

export const AGENT_SETTINGS = {
  /** Empty: chosen for each folder (`docs/design/agents.md#the-default-kind`). */
  'intercore.agents.default': setting(z.string().max(64), '', 'resource', 'policy'),
  'intercore.agents.kinds': setting(z.array(agentKind), [], 'machine-overridable', 'agentKind'),
  /** Variables and families of them (`AWS_*`). */
  'intercore.agents.passEnv': setting(z.array(variablePattern).max(100), [], 'machine', 'policy'),
  'intercore.agents.useMcp': setting(z.boolean(), true, 'window'),
  'intercore.agents.permissions': setting(z.enum(PERMISSION_POLICIES), 'freeInside', 'machine', 'policy'),
  'intercore.agents.permissionRules': setting(permissionRules, [], 'machine', 'policy'),
  'intercore.agents.listAddress': setting(
    listAddress,
    'https://cdn.agentclientprotocol.com/registry/v1/latest/registry.json',
    'machine',
    'address',
  ),
  'intercore.notifications.agentRequests': setting(z.boolean(), false, 'window'),
  'intercore.budget.atLimit': setting(z.enum(AT_LIMIT), 'stop', 'resource', 'policy'),
  'intercore.budget.kinds': setting(z.record(z.string().min(1).max(64), kindUsage), {}, 'window', 'policy'),
} as const;

const USAGE_TEXTS: FieldTexts = {
  estimatedTokens:
    'Tokens that a dispatch reserves until past dispatches of the kind report their usage. Use `0` for a kind that uses no model.',
  estimatedCostUsd:
    'Amount in US dollars that a dispatch reserves until past dispatches of the kind report their cost.',
  inputUsdPerMillion: "Price in US dollars of a million input tokens that are not in the model's cache.",
  outputUsdPerMillion: 'Price in US dollars of a million output tokens.',
  cacheUsdPerMillion: "Price in US dollars of a million input tokens read from the model's cache.",
};

export const AGENT_SETTING_TEXTS: SettingTexts<typeof AGENT_SETTINGS> = {
  'intercore.agents.default': {
    text: 'Default agent kind of dispatches: a built-in kind or one of `#intercore.agents.kinds#`. Empty: a folder keeps the default kind of its first agent, and a new folder gets the first of `claude-acp`, `claude`, `codex-acp`, and `codex` that is installed. *Run Doctor* shows the kind and why.',
  },
  'intercore.agents.kinds': {
    text: 'Agent kinds in addition to the built-in `claude`, `codex`, `shell`, `claude-acp`, and `codex-acp`: how each program is started, how it gets its prompt, and how its output is read.',
    fields: {
      name: 'Name of the kind. The name of a built-in kind replaces that kind.',
      command: 'Name of a program on PATH, or its absolute path.',
      args: 'Arguments of the program. ${promptFile}, ${prompt}, ${model}, ${sandbox}, ${project}, ${dispatchId}, ${runId}, ${mcpConfigFile}, ${mcpConfigLine}, ${session}, and ${resume} are replaced by the values of the dispatch.',
      protocol:
        'Use `acp` for a program that speaks the Agent Client Protocol: it runs in a session and gets its prompt in a message.',
      session: {
        text: 'What is known of a program that speaks the Agent Client Protocol.',
        fields: {
          askMode:
            'Id of the mode in which the agent asks for permission. Without one, the agent counts as running without permission prompts.',
          account:
            'Name of the program whose sign-in the agent uses, if it is another one. A limit of the account holds agents of both.',
          usageMeaning:
            'Meaning of the token counts that the agent reports: `turn` counts a turn, `requests` each request, `lastRequest` only the last request of a turn, and `process` everything since the agent was started. With `turn` and `lastRequest`, cached tokens are separate from the input. `turnWithCache` is `turn` with cached tokens included in the input. Without this setting, token counts are not read.',
          minNode: 'Oldest version of Node that the program supports.',
          programs:
            'Environment variables that name programs which the agent starts. Each variable that is not set gets the path of the named program on PATH.',
        },
      },
      promptBy:
        'How the agent gets its prompt: on standard input, as a file named in the arguments, or in an argument.',
      parser: 'Parser that reads the output and counts tokens.',
      env: 'Environment variables to set for the agent.',
      passEnv: 'Environment variables to pass on from your environment, by name or by prefix (`AWS_*`).',
      sandbox: 'Default value of ${sandbox}.',
      usage: {
        text: 'Expected usage of dispatches and token prices, as in `#intercore.budget.kinds#`.',
        fields: USAGE_TEXTS,
      },
      failures: {
        text: 'Patterns that recognize failures of the agent. They are checked before the built-in patterns, and the first match applies.',
        fields: {
          class:
            'Class of the failure. A limit holds the account until it resets. An overload or a network failure is retried without using an attempt. A sign-in, a refused model, or bad arguments stop the work immediately. All others use an attempt.',
          code: 'Failure code that the agent reports.',
          text: 'Regular expression, not case-sensitive, for the message that the agent reported or one of its last lines.',
          exitCode: 'Exit code of the agent.',
          remedy: 'Remedy that is shown with the failure.',
        },
      },
    },
  },
  'intercore.agents.passEnv': {
    text: 'Additional environment variables for every agent, check, and setup command, by name or by prefix: `["NPM_TOKEN", "ARTIFACTORY_*"]`. Their values come from your login shell. Agents can read them and send them anywhere.',
  },
  'intercore.agents.useMcp': {
    text: 'Give `claude` and `codex` the tools of `ic mcp`, which read and change the record of their work. The file that declares the tools is kept next to the prompt, never in a project.',
  },
  'intercore.agents.permissions': {
    text: 'Permission policy of agents in sessions: what they may do without asking you. `#intercore.agents.permissionRules#` apply first. Agents decide what they ask for, so this is not a security boundary.',
    values: {
      askAll: 'Ask for everything.',
      freeInside:
        'Allow reading and changing files inside the worktree, and commits. Ask for everything else, such as commands.',
      denyAsked: 'Allow the same, and deny everything else without asking.',
      allowAll: 'Allow everything.',
    },
  },
  'intercore.agents.permissionRules': {
    text: 'Rules for what agents in sessions may do without asking you. The first rule that applies decides. A rule applies if all of its conditions are met.',
    fields: {
      folder: 'Folder of a project, as an absolute path. Without it, the rule applies in every project.',
      tools: 'Kinds of tools.',
      where: 'Whether all paths are inside the worktree, or at least one is outside.',
      path: 'Glob pattern of paths relative to the worktree. A rule that allows applies if all paths match, others apply if one does.',
      command: 'Command, where `*` matches any text. A rule that allows never applies to several commands in one line.',
      mcpTool: 'Name of an MCP tool, where `*` matches any text.',
      then: 'Answer to the request.',
    },
  },
  'intercore.agents.listAddress': {
    text: 'Address of the list of agents that *Add Agent Kind…* and `ic agent list --refresh` fetch when you refresh it. The list only names agents: the versions that are installed do not change.',
    patternText: 'The address must start with https:// or be on this machine.',
  },
  'intercore.notifications.agentRequests': {
    text: 'Show a message when an agent asks for permission or asks a question: once for each request, in one window. The rows of *Needs You* are always there.',
  },
  'intercore.budget.atLimit': {
    text: 'What happens when a token or cost budget reaches its limit.',
    values: {
      stop: 'Dispatches over the limit are stopped, and new ones that exceed the budget do not start.',
      pause: 'Running dispatches may finish. New ones wait until the budget is raised.',
      warn: 'Warn only.',
    },
  },
  'intercore.budget.kinds': {
    text: 'Expected usage and token prices by agent kind. A dispatch reserves the expected usage until past dispatches of the kind report theirs. The prices apply where the agent does not report its cost.',
    fields: USAGE_TEXTS,
  },
};
