/** Which agent kinds are installed on this machine, in the environment that their agents would get. */
import type { AgentKind } from '../../contract/agentKinds';
import { isInstalled } from '../agents/readiness';
import { kindEnvironment, type EnvironmentSource } from '../dispatch/context/environment';

export async function installedKinds(
  kinds: readonly AgentKind[],
  source: EnvironmentSource,
): Promise<ReadonlySet<string>> {
  const installed = new Set<string>();
  for (const kind of kinds) if (await isInstalled(kind, kindEnvironment(kind, source))) installed.add(kind.name);
  return installed;
}
