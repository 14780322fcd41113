/** The built-in kinds that speak the Agent Client Protocol: adapters around the Claude CLI and the Codex CLI. */
import type { AgentKind } from '../../../contract/agentKinds';
import { CLAUDE_KIND } from '../claude/kind';
import { CODEX_KIND } from '../codex/kind';

/** Its own mode at the start, `auto`, asks for nearly nothing. */
export const CLAUDE_ACP_KIND: AgentKind = {
  name: 'claude-acp',
  command: 'claude-agent-acp',
  args: [],
  protocol: 'acp',
  session: {
    askMode: 'default',
    account: 'claude',
    usageMeaning: 'turn',
    minNode: '22',
    // Without it, the adapter searches for a copy of its own.
    programs: { CLAUDE_CODE_EXECUTABLE: 'claude' },
  },
  promptBy: 'stdin',
  parser: 'acp',
  // After each turn it would ask the model what the person might say next.
  env: { CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false' },
  passEnv: CLAUDE_KIND.passEnv ?? [],
};

export const CODEX_ACP_KIND: AgentKind = {
  name: 'codex-acp',
  command: 'codex-acp',
  args: [],
  protocol: 'acp',
  session: { askMode: 'read-only', account: 'codex', usageMeaning: 'turn', programs: { CODEX_PATH: 'codex' } },
  promptBy: 'stdin',
  parser: 'acp',
  // Its own mode at the start, `agent`, asks for nothing.
  // Its login shells may set PATH again, so that an agent does not find `ic`.
  env: { INITIAL_AGENT_MODE: 'read-only', CODEX_CONFIG: JSON.stringify({ allow_login_shell: false }) },
  passEnv: CODEX_KIND.passEnv ?? [],
};

export const ACP_KINDS: readonly AgentKind[] = [CLAUDE_ACP_KIND, CODEX_ACP_KIND];
