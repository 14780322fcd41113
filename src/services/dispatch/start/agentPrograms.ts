/** The programs of an agent in a session, which are found before anything of its dispatch is recorded. */
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { findProgram } from '../../../host/process/programs';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { DispatcherDeps } from '../context/deps';
import { environmentSource, kindEnvironment } from '../context/environment';
import { isAbsent } from '../../agents/readiness';
import { isAddable } from '../../agents/acp/installation/adapters';

type Environment = Readonly<Record<string, string>>;

/**
 * The variables that name programs of the kind and are not set.
 * @throws KernelError `AGENT_NOT_INSTALLED`, `AGENT_NEEDS_PROGRAM`
 */
export async function programVariables(kind: AgentKind, environment: Environment): Promise<Environment> {
  if (!runsInSession(kind)) return {};
  await refuseAbsent(kind, environment);
  const found: Record<string, string> = {};
  for (const [variable, program] of Object.entries(kind.session?.programs ?? {})) {
    if ((environment[variable] ?? '') !== '') continue;
    const file = await findProgram(program, environment);
    if (file === undefined) throw new KernelError('AGENT_NEEDS_PROGRAM', { kind: kind.name, program });
    found[variable] = file;
  }
  return found;
}

/**
 * Checks what a start of the kind would need, for a caller that ends another agent first.
 * @throws KernelError `AGENT_NOT_INSTALLED`, `AGENT_NEEDS_PROGRAM`, `AGENT_NOT_STARTED`
 */
export async function refuseMissing(deps: Pick<DispatcherDeps, 'environment'>, kind: AgentKind): Promise<void> {
  const environment = kindEnvironment(kind, await environmentSource(deps));
  await programVariables(kind, environment);
  if (!(await isAbsent(kind, environment))) return;
  const { command } = kind;
  throw new KernelError('AGENT_NOT_STARTED', { command, problem: because('there is no such program') });
}

/** Only for agents that can be added: other programs are reported by the host of their session. */
async function refuseAbsent(kind: AgentKind, environment: Environment): Promise<void> {
  const { name, command } = kind;
  if (!isAddable(kind)) return;
  if ((await findProgram(command, environment)) !== undefined) return;
  throw new KernelError('AGENT_NOT_INSTALLED', { kind: name, command });
}
