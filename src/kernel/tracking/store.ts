/** SQL of agents and artifacts (`docs/design/formats.md#agents-and-artifacts`). */
import * as z from 'zod';
import type { ListPage } from '../list/recordPages';
import { rowCodec } from '../db/rows';
import { agentId, artifactId, dispatchId, runId, type AgentId, type ArtifactId, type RunId } from '../ids';
import type { Reader, Unit } from '../unit';
import { AGENT_STATUSES, type Agent, type AgentStatus, type Artifact } from './model';

export const agentCodec = rowCodec<Agent>(
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

export const artifactCodec = rowCodec<Artifact>(
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

export const AGENT_COLUMNS = 'id, run_id, agent_type, name, status, dispatch_id, created_at, updated_at';
export const ARTIFACT_COLUMNS = 'id, run_id, phase, path, type, content_hash, dispatch_id, status, created_at';

export const OLDEST_FIRST = 'ORDER BY created_at, rowid';

/** The id of the run if it exists, readable or not. */
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
export function selectAgents(r: Reader, runIdOfAgents: string, { from, limit }: ListPage): Agent[] {
  return r.db.list(
    `SELECT ${AGENT_COLUMNS} FROM run_agents WHERE run_id = ? ${OLDEST_FIRST} LIMIT ? OFFSET ?`,
    [runIdOfAgents, limit, from],
    agentCodec,
  );
}

export interface AgentCounts {
  readonly all: number;
  readonly active: number;
}

/** Unreadable rows are counted, too. */
export function countAgents(r: Reader, runIdOfAgents: string): AgentCounts {
  const sql = "SELECT count(*) AS n, total(status = 'active') AS active FROM run_agents WHERE run_id = ?";
  const row = r.db.rows(sql, [runIdOfAgents])[0];
  return { all: Number(row?.['n']), active: Number(row?.['active']) };
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

/** Oldest first; of some phases, if given. */
export function selectArtifacts(
  r: Reader,
  runIdOfArtifacts: string,
  phases: readonly string[] | undefined,
  { from, limit }: ListPage,
): Artifact[] {
  return r.db.list(
    `SELECT ${ARTIFACT_COLUMNS} FROM run_artifacts
     WHERE run_id = ?1 AND (?2 IS NULL OR phase IN (SELECT value FROM json_each(?2))) ${OLDEST_FIRST} LIMIT ?3 OFFSET ?4`,
    [runIdOfArtifacts, phases === undefined ? null : JSON.stringify(phases), limit, from],
    artifactCodec,
  );
}

/** How many each phase of a run has, including unreadable rows. */
export function countArtifacts(r: Reader, runIdOfArtifacts: string): ReadonlyMap<string, number> {
  const sql = 'SELECT phase, count(*) AS n FROM run_artifacts WHERE run_id = ? GROUP BY phase';
  return new Map(r.db.rows(sql, [runIdOfArtifacts]).map(({ phase, n }) => [String(phase), Number(n)]));
}

export function selectArtifact(r: Reader, id: ArtifactId): Artifact | undefined {
  return r.db.get(`SELECT ${ARTIFACT_COLUMNS} FROM run_artifacts WHERE id = ?`, [id], artifactCodec);
}
