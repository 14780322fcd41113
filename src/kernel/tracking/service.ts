/**
 * Operations on the agents and artifacts of a run (`docs/design/formats.md#agents-and-artifacts`), including ended
 * runs.
 */
import * as z from 'zod';
import type { ListPage } from '../list/recordPages';
import { KernelError } from '../errors/errors';
import { agentId, artifactId, type RunId } from '../ids';
import { parseInput } from '../input';
import type { Reader, Unit } from '../unit';
import {
  addAgentInput,
  addArtifactInput,
  AGENT_STATUSES,
  DEFAULT_AGENT_TYPE,
  DEFAULT_ARTIFACT_TYPE,
  type AddAgentInput,
  type AddArtifactInput,
  type Agent,
  type AgentStatus,
  type Artifact,
} from './model';
import * as store from './store';

export { countAgents, countArtifacts } from './store';

/** To SQLite, no limit. */
const ALL: ListPage = { from: 0, limit: -1 };

const agentStatus = z.enum(AGENT_STATUSES);
const dispatchReference = addAgentInput.shape.dispatchId.unwrap();

/**
 * Adds an active agent to a run. Its dispatch need not be in this database.
 * @throws KernelError `INVALID_ARGUMENT`; `NOT_FOUND` for the run.
 */
export function addAgent(u: Unit, input: AddAgentInput): Agent {
  const facts = parseInput(addAgentInput, input, 'agent');
  const run = touchRun(u, facts.runId);
  const id = agentId.parse(u.newId());
  store.insertAgent(u, {
    id,
    runId: run,
    agentType: facts.agentType ?? DEFAULT_AGENT_TYPE,
    name: facts.name,
    dispatchId: facts.dispatchId,
  });
  return getAgent(u, id);
}

/** Oldest first; empty for an unknown run. */
export function listAgents(r: Reader, runId: string, page = ALL): Agent[] {
  return store.selectAgents(r, runId, page);
}

/**
 * Sets an agent's status; any change is allowed.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`
 */
export function updateAgent(u: Unit, id: string, status: AgentStatus): Agent {
  const next = parseInput(agentStatus, status, 'status');
  const agent = getAgent(u, id);
  store.updateAgentStatus(u, agent.id, next);
  u.touched.run(agent.runId);
  return getAgent(u, id);
}

/**
 * Links an agent to its dispatch permanently.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`; `AGENT_LINKED` where it already has a dispatch.
 */
export function linkAgent(u: Unit, id: string, dispatchId: string): Agent {
  const dispatch = parseInput(dispatchReference, dispatchId, 'dispatchId');
  const agent = getAgent(u, id);
  if (store.linkDispatch(u, agent.id, dispatch) === 0) throw new KernelError('AGENT_LINKED', { agentId: id });
  u.touched.run(agent.runId);
  return getAgent(u, id);
}

/**
 * Adds an active artifact to a phase of a run. The phase need not be in the run's chain.
 * @throws KernelError `INVALID_ARGUMENT`; `NOT_FOUND` for the run.
 */
export function addArtifact(u: Unit, input: AddArtifactInput): Artifact {
  const facts = parseInput(addArtifactInput, input, 'artifact');
  const run = touchRun(u, facts.runId);
  const id = artifactId.parse(u.newId());
  store.insertArtifact(u, {
    id,
    runId: run,
    phase: facts.phase,
    path: facts.path,
    type: facts.type ?? DEFAULT_ARTIFACT_TYPE,
    contentHash: facts.contentHash,
    dispatchId: facts.dispatchId,
  });
  const artifact = store.selectArtifact(u, id);
  if (artifact === undefined) throw new KernelError('NOT_FOUND', { what: 'artifact', id });
  return artifact;
}

/** Oldest first, including rolled back ones; empty for an unknown run. */
export function listArtifacts(r: Reader, runId: string, phase?: string): Artifact[] {
  return store.selectArtifacts(r, runId, phase === undefined ? undefined : [phase], ALL);
}

/** A page of the artifacts of some phases, oldest first. */
export function artifactsOf(r: Reader, runId: string, phases: readonly string[], page: ListPage): Artifact[] {
  return store.selectArtifacts(r, runId, phases, page);
}

function getAgent(r: Reader, id: string): Agent {
  const agent = store.selectAgent(r, id);
  if (agent === undefined) throw new KernelError('NOT_FOUND', { what: 'agent', id });
  return agent;
}

function touchRun(u: Unit, id: string): RunId {
  const run = store.selectRunId(u, id);
  if (run === undefined) throw new KernelError('NOT_FOUND', { what: 'run', id });
  u.touched.run(run);
  return run;
}
