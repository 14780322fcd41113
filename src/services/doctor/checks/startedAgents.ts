/** Agents that run in sessions, started on request: whether they open a session, are signed in, and ask. */
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { redact } from '../../../host/git/redaction';
import { findProgram } from '../../../host/process/programs';
import { AUTH_REQUIRED } from '../../../host/session/connection/protocol';
import { problemOf } from '../../../kernel/errors/errors';
import { because, foreignText } from '../../../kernel/errors/reasons/problem';
import { signInLine } from '../../agents/acp/installation/adapters';
import { missingPrograms } from '../../agents/readiness';
import { kindEnvironment } from '../../dispatch/context/environment';
import { found, type Check, type Examination, type Found } from '../model';
import { startOnce, type AgentStart } from '../startedAgent';

/** Heavy agents need more than half of it on a busy machine. */
const START_MS = 60_000;
const AT_ONCE = 2;

export const sessionsCheck: Check = {
  id: 'sessions',
  starts: true,
  limitMs: 300_000,
  async look(examination) {
    if (!examination.startsAgents) return [];
    const waiting = examination.kinds.filter(runsInSession);
    const findings: Found[] = [];
    const work = async (): Promise<void> => {
      for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
        examination.signal.throwIfAborted();
        findings.push(...(await findingOf(examination, kind)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return findings;
  },
};

/** Nothing of a kind with a missing program, which another check reports with its remedy. */
async function findingOf(examination: Examination, kind: AgentKind): Promise<Found[]> {
  const { agentStarts, chosenKinds, environment: variables, passEnv, signal, trusted } = examination;
  const env = kindEnvironment(kind, { variables, passEnv });
  if ((await findProgram(kind.command, env)) === undefined || (await missingPrograms(kind, env)).length > 0) return [];
  const { hostPath, isAllowed, folder } = agentStarts;
  if (!isAllowed(kind)) return [found('AGENT_UNCHECKED', { kind: kind.name, folder })];
  const level = chosenKinds.includes(kind.name) ? {} : ({ level: 'info' } as const);
  try {
    const start = await startOnce(kind, { hostPath, env, signal, trusted: () => trusted, limitMs: START_MS });
    return [asFound(kind, start, level)];
  } catch (error) {
    const problem = foreignText(problemOf(error));
    return [found('AGENT_NOT_OPENED', { kind: kind.name, command: kind.command, problem }, level)];
  }
}

function asFound(started: AgentKind, start: AgentStart, level: { level?: 'info' }): Found {
  const { name: kind, command, session } = started;
  if (start.kind === 'silent') {
    const problem = because('no answer in {seconds} seconds', { seconds: START_MS / 1000 });
    return found('AGENT_NOT_OPENED', { kind, command, problem }, level);
  }
  if (start.kind === 'opened') {
    const { agent } = start;
    const [wanted, mode] = [session?.askMode, start.mode ?? '-'];
    if (wanted === undefined) return found('AGENT_OPENED_UNASKED', { kind, agent });
    if (mode === wanted) return found('AGENT_OPENED', { kind, agent, mode });
    return found('AGENT_MODE_REFUSED', { kind, agent, mode, wanted }, level);
  }
  if (start.kind === 'ended') return found('AGENT_NOT_OPENED', { kind, command, problem: endOf(start) }, level);
  const { code, message } = start;
  const problem = foreignText(redact(message));
  if (code !== AUTH_REQUIRED) return found('AGENT_NOT_OPENED', { kind, command, problem }, level);
  const line = signInLine(started);
  const fix = line === undefined ? {} : { fix: { kind: 'shell', line } as const };
  return found('AGENT_NEEDS_SIGN_IN', { kind, problem }, { ...level, ...fix });
}

/** What a program printed explains its end. */
function endOf({ exitCode: code, printed }: Extract<AgentStart, { kind: 'ended' }>) {
  if (printed !== '') return foreignText(redact(printed));
  return code === null ? because('it ended with no exit code') : because('it ended with {code}', { code });
}
