/**
 * Agents that are known to speak the Agent Client Protocol, as data for those who add one. Not kinds: nothing here is
 * started before a person has added it. Versions are those that were tried.
 */
import type { AgentKind, KindSession } from '../../../contract/agentKinds';

export interface AgentRecipe {
  /** The name of the kind. */
  readonly name: string;
  /** As people know the agent. */
  readonly title: string;
  /** An SPDX identifier, or `proprietary`. */
  readonly license: string;
  /** On npm. Scripts of packages are not run. */
  readonly package: string;
  readonly version: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly passEnv: readonly string[];
  readonly session: KindSession;
}

export const AGENT_RECIPES: readonly AgentRecipe[] = [
  {
    name: 'gemini',
    title: 'Gemini CLI',
    license: 'Apache-2.0',
    package: '@google/gemini-cli',
    version: '0.61.0',
    command: 'gemini',
    args: ['--acp'],
    // A worktree is a folder that a person trusts. Without a relaunch there is one process to end.
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true', GEMINI_CLI_NO_RELAUNCH: '1' },
    passEnv: ['GEMINI_*', 'GOOGLE_*'],
    session: { askMode: 'default', usageMeaning: 'turnWithCache', minNode: '20' },
  },
  {
    name: 'opencode',
    title: 'opencode',
    license: 'MIT',
    package: 'opencode-ai',
    version: '1.18.33',
    command: 'opencode',
    args: ['acp'],
    // It has no mode that asks: its permissions are in its configuration, on top of that of the person.
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        permission: { edit: 'ask', bash: 'ask', webfetch: 'ask', external_directory: 'ask' },
        share: 'disabled',
        autoupdate: false,
      }),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
    },
    passEnv: ['OPENCODE_*', 'ANTHROPIC_*', 'OPENAI_*', 'GEMINI_*', 'OPENROUTER_*'],
    session: { askMode: 'build', usageMeaning: 'lastRequest' },
  },
  {
    name: 'qwen',
    title: 'Qwen Code',
    license: 'Apache-2.0',
    package: '@qwen-code/qwen-code',
    version: '0.24.4',
    command: 'qwen',
    args: ['--acp'],
    env: { QWEN_CODE_NO_RELAUNCH: '1' },
    passEnv: ['QWEN_*', 'OPENAI_*', 'DASHSCOPE_*'],
    session: { askMode: 'default', usageMeaning: 'requests', minNode: '22' },
  },
  {
    name: 'copilot',
    title: 'GitHub Copilot CLI',
    license: 'proprietary',
    package: '@github/copilot',
    version: '1.0.102',
    command: 'copilot',
    args: ['--acp'],
    env: { COPILOT_AUTO_UPDATE: 'false' },
    passEnv: ['COPILOT_*', 'GH_TOKEN', 'GITHUB_TOKEN'],
    session: {
      askMode: 'https://agentclientprotocol.com/protocol/session-modes#agent',
      usageMeaning: 'process',
    },
  },
  {
    name: 'kimi',
    title: 'Kimi Code',
    license: 'MIT',
    package: '@moonshot-ai/kimi-code',
    version: '2.1.0',
    command: 'kimi',
    args: ['acp'],
    env: {},
    passEnv: ['KIMI_*', 'MOONSHOT_*'],
    // Asks for commands and MCP tools, but not for files in the folder.
    session: { askMode: 'default', usageMeaning: 'none', minNode: '22.19' },
  },
];

/** The kind that a recipe makes. */
export function kindOfRecipe({ name, command, args, env, passEnv, session }: AgentRecipe): AgentKind {
  return {
    name,
    command,
    args: [...args],
    protocol: 'acp',
    session,
    promptBy: 'stdin',
    parser: 'acp',
    env: { ...env },
    passEnv: [...passEnv],
  };
}
