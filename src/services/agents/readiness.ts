/** Whether the programs of an agent kind are on this machine. They are not started, so a sign-in is not checked. */
import type { AgentKind } from '../../contract/agentKinds';
import { findProgram } from '../../host/process/programs';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that an agent starts, and the variable that may name it. */
export interface NeededProgram {
  readonly variable: string;
  readonly command: string;
}

/** Programs that the agent starts and that are neither set by a variable nor on PATH. */
export async function missingPrograms({ session }: AgentKind, env: Environment): Promise<NeededProgram[]> {
  const missing: NeededProgram[] = [];
  for (const [variable, command] of Object.entries(session?.programs ?? {})) {
    if ((env[variable] ?? '') !== '' || (await findProgram(command, env)) !== undefined) continue;
    missing.push({ variable, command });
  }
  return missing;
}

/** @param env the environment of an agent of this kind */
export async function isInstalled(kind: AgentKind, env: Environment): Promise<boolean> {
  return (await findProgram(kind.command, env)) !== undefined && (await missingPrograms(kind, env)).length === 0;
}
