/**
 * Agents that are known to speak the Agent Client Protocol, as data for those who add one. Not kinds: nothing here is
 * started before a person has added it. Versions are those that were tried.
 */
import type { AgentKind, KindSession } from '../../../contract/agentKinds';

export type AgentMain = { readonly script: string } | { readonly program: (platform: string, arch: string) => string };

export type AgentSignIn = { readonly program?: string; readonly args: readonly string[] };

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
  /** Of the package, as npm writes it in its lock file. Packages that it needs are not pinned. */
  readonly integrity: string;
  /** What npm would link: a script for Node inside the package, or a program inside `node_modules`. */
  readonly main: AgentMain;
  /** The package without its optional dependencies, which are copies of programs that the person has. */
  readonly isSlim?: true;
  /** As measured, in MB. */
  readonly installedMb: number;
  /** Signs in, in a terminal: a program on PATH, or arguments of the agent. Left out: its own start asks. */
  readonly signIn?: AgentSignIn;
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
    integrity: 'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==',
    main: { script: 'bundle/gemini.js' },
    installedMb: 100,
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
    integrity: 'sha512-58P1ffLRXiAY4QeoABqUjqf6DEzm1ihpovvn9Ad+oOLbLiwK/rf88wruT9IATJ7AtNjmi8iA7pC8tN4o5y799Q==',
    main: { program: opencodeProgram },
    installedMb: 354,
    signIn: { args: ['auth', 'login'] },
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
    integrity: 'sha512-pmexy/Nj+BKd3Un1ogqGQE8V4GJn5B6N9PQOrU1GH+lMR29kn6Bgf6YdbZa8hNIoTmAKT1LTPK+P8TibZRPPVg==',
    main: { script: 'cli-entry.js' },
    installedMb: 144,
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
    integrity: 'sha512-mv6cTWMhMILxg5ZDgqJ6UsnpPuySCPWOPbZVaO8lL0dpmjY3VD9ZhJr6DFcG7fhUXZv6OmvLdcRCa5MJ6hBI+Q==',
    main: { script: 'npm-loader.js' },
    installedMb: 189,
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
    integrity: 'sha512-c9rY0DS0xNOraEgUFJ5Cexz6+S3R+PczIwCVCI4eP93xv1xpIbyFLe6wyQl29VR9UMafmfQG6+dIyJcCLEAoBQ==',
    main: { script: 'dist/main.mjs' },
    installedMb: 120,
    command: 'kimi',
    args: ['acp'],
    env: {},
    passEnv: ['KIMI_*', 'MOONSHOT_*'],
    // Asks for commands and MCP tools, but not for files in the folder.
    session: { askMode: 'default', usageMeaning: 'none', minNode: '22.19' },
  },
];

/** Its package for npm replaces a placeholder by a program for the machine in a script, which is not run. */
function opencodeProgram(platform: string, arch: string): string {
  const isWindows = platform === 'win32';
  const name = `opencode-${isWindows ? 'windows' : platform}-${arch}`;
  return `${name}/bin/opencode${isWindows ? '.exe' : ''}`;
}

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
