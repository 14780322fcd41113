/** The command line that signs in to the agent of a kind, for a terminal. */
import type { AgentKind } from '../../contract/agentKinds';
import { signInLine } from './acp/installation/adapters';
import { AGENT_PROGRAMS } from './programs';

/** Undefined where none is known: then the start of the program itself asks. */
export function signInCommand(kind: AgentKind): string | undefined {
  return signInLine(kind) ?? AGENT_PROGRAMS[kind.parser].signIn?.line;
}
