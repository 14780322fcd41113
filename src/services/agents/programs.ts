/** The known agent programs, by the parser of their output. */
import type { OutputParser } from '../../contract/agentKinds';
import { ACP } from './acp/program';
import { CLAUDE } from './claude/program';
import { CODEX } from './codex/program';
import { PLAIN } from './plain/program';
import type { AgentProgram } from './output/program';

export const AGENT_PROGRAMS: Readonly<Record<OutputParser, AgentProgram>> = {
  claude: CLAUDE,
  codex: CODEX,
  plain: PLAIN,
  acp: ACP,
};
