/** Agents that speak the Agent Client Protocol: what their programs need. They are not started. */
import type { AgentKind } from '../../../contract/agentKinds';
import type { DoctorFix } from '../../../contract/results/doctor';
import { findProgram, isAtLeast, nodeVersionIn } from '../../../host/process/programs';
import { installLine, missingPrograms } from '../../agents/readiness';
import { found, type Examination, type Found } from '../model';

/** A kind that settings select is a problem, any other a note. */
export function notAdded({ place, chosenKinds }: Examination, { name: kind, command }: AgentKind): Found {
  const fix: DoctorFix =
    place === 'editor'
      ? { kind: 'command', command: 'intercore.agent.addKind', args: { kind } }
      : { kind: 'shell', line: `ic agent add ${kind}` };
  const isChosen = chosenKinds.includes(kind);
  return found('AGENT_NOT_ADDED', { kind, command }, isChosen ? { fix, level: 'problem' } : { fix });
}

/** Nothing where all is there. A kind that no setting selects has notes only. */
export async function sessionFindings(
  { ask, chosenKinds }: Examination,
  agentKind: AgentKind,
  env: NodeJS.ProcessEnv,
): Promise<Found[]> {
  const { name: kind, session } = agentKind;
  const level = chosenKinds.includes(kind) ? {} : ({ level: 'info' } as const);
  const missing = await missingPrograms(agentKind, env);
  const findings = missing.map((facts) => {
    const line = installLine(facts.command);
    const fix = line === null ? {} : { fix: { kind: 'shell', line } as const };
    return found('AGENT_CLI_MISSING', { kind, ...facts }, { ...level, ...fix });
  });
  const least = session?.minNode;
  const node = least === undefined ? undefined : await findProgram('node', env);
  if (least === undefined || node === undefined) return findings;
  const version = nodeVersionIn((await ask(node, ['--version'], env)).stdout);
  if (version === undefined || isAtLeast(version, least)) return findings;
  return [...findings, found('AGENT_NODE_OLD', { kind, version, least }, level)];
}
