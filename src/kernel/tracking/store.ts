/** SQL of agents and artifacts (`spec/kernel.md` §1.7, §5). */
import * as z from 'zod';
import { listIds } from '../db/recordPages';
import { rowCodec } from '../db/rows';
import { agentId, artifactId, dispatchId, runId, type AgentId, type ArtifactId, type RunId } from '../ids';
import type { Reader, Unit } from '../unit';
import { AGENT_STATUSES, type Agent, type AgentStatus, type Artifact } from './model';

const agentCodec = rowCodec<Agent>(
  'run_agents',
  z
    .object({
      id: agentId,
      run_id: runId,
      agent_type: z.string(),
      name: z.string().nullable(),
      status: z.enum(AGENT_STATUSES),
      dispatch_id: dispatchId.nullable(),
      created_at: z.int(),
      updated_at: z.int(),
    })
    .transform((row) => ({
      id: row.id,
      runId: row.run_id,
      agentType: row.agent_type,
      name: row.name,
      status: row.status,
      dispatchId: row.dispatch_id,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    })),
);

const artifactCodec = rowCodec<Artifact>(
  'run_artifacts',
  z
    .object({
      id: artifactId,
      run_id: runId,
      phase: z.string(),
      path: z.string(),
      type: z.string(),
      content_hash: z.string().nullable(),
      dispatch_id: dispatchId.nullable(),
      status: z.string().nullable(),
      created_at: z.int(),
    })
    .transform((row) => ({
      id: row.id,
      runId: row.run_id,
      phase: row.phase,
      path: row.path,
      type: row.type,
      contentHash: row.content_hash,
      dispatchId: row.dispatch_id,
      status: row.status,
      createdAt: row.created_at,
    })),
);

const runIdCodec = rowCodec<RunId>(
  'runs',
  z.object({ id: runId }).transform((row) => row.id),
);

const AGENT_COLUMNS = 'id, run_id, agent_type, name, status, dispatch_id, created_at, updated_at';
const ARTIFACT_COLUMNS = 'id, run_id, phase, path, type, content_hash, dispatch_id, status, created_at';

/** The id of the run where it exists, whatever else its row holds. */
export function selectRunId(r: Reader, id: string): RunId | undefined {
  return r.db.get('SELECT id FROM runs WHERE id = ?', [id], runIdCodec);
}

export interface NewAgent {
  readonly id: AgentId;
  readonly runId: RunId;
  readonly agentType: string;
  readonly name: string | undefined;
  readonly dispatchId: string | undefined;
}

export function insertAgent(u: Unit, agent: NewAgent): void {
  u.db.run(
    `INSERT INTO run_agents (id, run_id, agent_type, name, status, dispatch_id, created_at, updated_at)
     VALUES (?, ?, ?, ?, 'active', ?, ?, ?)`,
    [agent.id, agent.runId, agent.agentType, agent.name ?? null, agent.dispatchId ?? null, u.now, u.now],
  );
}

export function selectAgent(r: Reader, id: string): Agent | undefined {
  return r.db.get(`SELECT ${AGENT_COLUMNS} FROM run_agents WHERE id = ?`, [id], agentCodec);
}

/** Oldest first. */
export function selectAgents(r: Reader, runIdOfAgents: string): Agent[] {
  return r.db.list(
    `SELECT ${AGENT_COLUMNS} FROM run_agents WHERE run_id = ? ORDER BY created_at, rowid`,
    [runIdOfAgents],
    agentCodec,
  );
}

export function updateAgentStatus(u: Unit, id: AgentId, status: AgentStatus): void {
  u.db.run('UPDATE run_agents SET status = ?, updated_at = ? WHERE id = ?', [status, u.now, id]);
}

/** Compare-and-set: only an agent without a dispatch gets one. The number of rows changed. */
export function linkDispatch(u: Unit, id: AgentId, dispatch: string): number {
  return u.db.run('UPDATE run_agents SET dispatch_id = ?, updated_at = ? WHERE id = ? AND dispatch_id IS NULL', [
    dispatch,
    u.now,
    id,
  ]);
}

export interface NewArtifact {
  readonly id: ArtifactId;
  readonly runId: RunId;
  readonly phase: string;
  readonly path: string;
  readonly type: string;
  readonly contentHash: string | undefined;
  readonly dispatchId: string | undefined;
}

export function insertArtifact(u: Unit, artifact: NewArtifact): void {
  u.db.run(
    `INSERT INTO run_artifacts (id, run_id, phase, path, type, content_hash, dispatch_id, status, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?)`,
    [
      artifact.id,
      artifact.runId,
      artifact.phase,
      artifact.path,
      artifact.type,
      artifact.contentHash ?? null,
      artifact.dispatchId ?? null,
      u.now,
    ],
  );
}

/** Oldest first; of one phase where it is given. */
export function selectArtifacts(r: Reader, runIdOfArtifacts: string, phase: string | undefined): Artifact[] {
  return r.db.list(
    `SELECT ${ARTIFACT_COLUMNS} FROM run_artifacts
     WHERE run_id = ? AND (? IS NULL OR phase = ?) ORDER BY created_at, rowid`,
    [runIdOfArtifacts, phase ?? null, phase ?? null],
    artifactCodec,
  );
}

/** Ids of the artifacts of a run, oldest first. */
export function selectArtifactIds(r: Reader, runIdOfArtifacts: string): readonly string[] {
  const sql = 'SELECT id FROM run_artifacts WHERE run_id = ? ORDER BY created_at, rowid';
  return listIds(r, sql, [runIdOfArtifacts]);
}

/** Those of these artifacts that there are, oldest first. */
export function selectArtifactsAmong(r: Reader, ids: readonly string[]): Artifact[] {
  return r.db.list(
    `SELECT ${ARTIFACT_COLUMNS} FROM run_artifacts
     WHERE id IN (SELECT value FROM json_each(?)) ORDER BY created_at, rowid`,
    [JSON.stringify(ids)],
    artifactCodec,
  );
}

export function selectArtifact(r: Reader, id: ArtifactId): Artifact | undefined {
  return r.db.get(`SELECT ${ARTIFACT_COLUMNS} FROM run_artifacts WHERE id = ?`, [id], artifactCodec);
}
