/**
 * Starts agents that wait for their phase when a run enters `executing`
 * (`docs/design/agents.md#automatic-starts`).
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Dispatch } from '../../kernel/dispatch/model';
import { findDispatch } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { Reader } from '../../kernel/unit';
import { readFailure } from '../../host/files/fileErrors';
import { FolderLedger } from '../../host/files/folderLedger';
import { ledgerFolder } from '../../host/state/stateFolder';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import type { Run } from '../../kernel/run/record/model';
import type { AdvanceOutcome } from '../../kernel/gate/model';
import type { Agent } from '../../kernel/tracking/model';
import { listAgents } from '../../kernel/tracking/service';
import type { CliContext } from '../command/command';
import { announceDispatch } from './hooks';
import type { Session } from '../command/session';
import type { SpawnOrder } from './spawn';

const TRIGGER_PHASE = 'executing';

/**
 * Starts a process for each active agent of the run that has none. An agent that cannot be started is reported and
 * changes nothing else. Unlike the original, only a real advance starts agents (Q14), and an agent with a dispatch is
 * left alone.
 */
export async function autoSpawn(context: CliContext, session: Session, run: Run, moved: AdvanceOutcome): Promise<void> {
  if (!moved.advanced || moved.toPhase !== TRIGGER_PHASE) return;
  const waiting = session
    .read((reader) => listAgents(reader, run.id))
    .filter((agent) => agent.status === 'active' && agent.dispatchId === null);
  for (const agent of waiting) await startOne(context, session, run, agent);
}

async function startOne(context: CliContext, session: Session, run: Run, agent: Agent): Promise<void> {
  const report = (outcome: string): void => {
    context.out.note(`[event] auto-spawn: agent ${agent.id} ${outcome}`);
  };
  if (!new OwnWork(new FolderLedger(ledgerFolder(context.env), 'work')).isOwnAgent(session.kernel.folder, agent.id)) {
    report('was not started: it came with this folder. To start an agent, run: ic dispatch spawn');
    return;
  }
  const { spawnAgent } = await import('./spawn.js');
  let started: Dispatch;
  try {
    started = await spawnAgent(context, session, await orderFor(context, run, agent));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    report(`failed: ${error.message}`);
    const failed = session.read((reader) => dispatchOf(reader, run, agent));
    if (failed !== undefined) await announceDispatch(context, failed, 'spawned');
    return;
  }
  report('started');
  await announceDispatch(context, started, 'spawned');
}

/** Finds the prompt by the agent's name. @throws KernelError `INVALID_ARGUMENT` if the agent has no name */
async function orderFor({ cwd }: CliContext, run: Run, agent: Agent): Promise<SpawnOrder> {
  if (agent.name === null) {
    const problem = because('agent {agent} has no prompt file and no name for convention lookup', { agent: agent.id });
    throw new KernelError('INVALID_ARGUMENT', { argument: 'agent', problem });
  }
  const projectDir = path.resolve(cwd, run.projectDir);
  const promptFile = path.join(projectDir, '.ic', 'prompts', `${agent.name}.md`);
  await stat(promptFile).catch((error: unknown) => {
    throw readFailure(promptFile, error);
  });
  return { agentType: agent.agentType, name: agent.name, promptFile, projectDir, scopeId: run.id, agentId: agent.id };
}

/** An agent that could not be started may have a dispatch too, which has failed. */
function dispatchOf(reader: Reader, run: Run, { id }: Agent): Dispatch | undefined {
  const dispatchId = listAgents(reader, run.id).find((agent) => agent.id === id)?.dispatchId ?? null;
  return dispatchId === null ? undefined : findDispatch(reader, dispatchId);
}
