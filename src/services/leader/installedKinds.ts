/** Which agent kinds are installed on this machine, in the environment that their agents would get. */
import type { AgentKind } from '../../contract/agentKinds';
import type { MissingProgram } from '../../contract/results/agentKinds';
import { missingOf } from '../agents/readiness';
import { kindEnvironment, type EnvironmentSource } from '../dispatch/context/environment';

/** The programs that each kind lacks, by the names of the kinds; a kind that is installed has none. */
export async function missingByKind(
  kinds: readonly AgentKind[],
  source: EnvironmentSource,
): Promise<ReadonlyMap<string, readonly MissingProgram[]>> {
  const missing = new Map<string, readonly MissingProgram[]>();
  for (const kind of kinds) missing.set(kind.name, await missingOf(kind, kindEnvironment(kind, source)));
  return missing;
}

export async function installedKinds(
  kinds: readonly AgentKind[],
  source: EnvironmentSource,
): Promise<ReadonlySet<string>> {
  const missing = await missingByKind(kinds, source);
  return new Set([...missing].flatMap(([name, programs]) => (programs.length === 0 ? [name] : [])));
}

/** Programs that a start of any of the kinds needs and does not find, each once. */
export async function missingProgramsOf(
  kinds: readonly AgentKind[],
  source: EnvironmentSource,
): Promise<readonly string[]> {
  const missing = await missingByKind(kinds, source);
  return [...new Set([...missing.values()].flatMap((programs) => programs.map(({ program }) => program)))];
}
