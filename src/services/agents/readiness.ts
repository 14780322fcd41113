/** Whether the programs of an agent kind are on this machine. They are not started, so a sign-in is not checked. */
import path from 'node:path';
import type { AgentKind } from '../../contract/agentKinds';
import type { MissingProgram } from '../../contract/results/agentKinds';
import { findProgram } from '../../host/process/programs';
import { BUILT_IN_AGENT_KINDS } from './builtInKinds';
import { AGENT_PROGRAMS } from './programs';

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

/** Whether the kind's own program is not found. A relative path depends on the folder of the start, so it is not judged. */
export async function isAbsent({ command }: AgentKind, env: Environment): Promise<boolean> {
  const isRelative = /[\\/]/.test(command) && !path.isAbsolute(command);
  return !isRelative && (await findProgram(command, env)) === undefined;
}

/**
 * What a start of the kind needs and does not find: its own program first.
 * @param env the environment of an agent of this kind
 */
export async function missingOf(kind: AgentKind, env: Environment): Promise<MissingProgram[]> {
  const own = (await isAbsent(kind, env)) ? [{ command: kind.command }] : [];
  return [...own, ...(await missingPrograms(kind, env))].map((needed) => ({
    program: needed.command,
    install: installLine(needed.command),
  }));
}

/** The line for a terminal that installs a program which a built-in kind starts; null where none is known. */
export function installLine(program: string): string | null {
  const kind = BUILT_IN_AGENT_KINDS.find(({ command }) => command === program);
  return (kind && AGENT_PROGRAMS[kind.parser].signIn?.install) ?? null;
}
