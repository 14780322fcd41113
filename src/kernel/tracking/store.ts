/** SQL of agents and artifacts (`docs/design/formats.md#agents-and-artifacts`). */
import * as z from 'zod';
import type { ListPage } from '../list/recordPages';
import { rowCodec } from '../db/rows';
import { runId, type AgentId, type ArtifactId, type RunId } from '../ids';
import type { Reader, Unit } from '../unit';
import { AGENTS, ARTIFACTS, type Agent, type AgentStatus, type Artifact } from './model';

const runIdCodec = rowCodec<RunId>(
  'runs',
  z.object({ id: runId }).transform((row) => row.id),
);

export const OLDEST_FIRST = 'ORDER BY created_at, rowid';

/** The id of the run if it exists, readable or not. */
export function selectRunId(r: Reader, id: string): RunId | undefined {
  return r.db.get('SELECT id FROM runs WHERE id = ?', [id], runIdCodec);
}

export type NewAgent = Pick<Agent, 'id' | 'runId' | 'agentType'> & {
  readonly name: string | undefined;
  readonly dispatchId: string | undefined;
};

export function insertAgent(u: Unit, agent: NewAgent): void {
  const times = { createdAt: u.now, updatedAt: u.now };
  u.db.run(...AGENTS.insert({ ...agent, status: 'active', ...times }));
}

export function selectAgent(r: Reader, id: string): Agent | undefined {
  return r.db.get(`SELECT ${AGENTS.columns} FROM run_agents WHERE id = ?`, [id], AGENTS);
}

/** Oldest first. */
export function selectAgents(r: Reader, runIdOfAgents: string, { from, limit }: ListPage): Agent[] {
  return r.db.list(
    `SELECT ${AGENTS.columns} FROM run_agents WHERE run_id = ? ${OLDEST_FIRST} LIMIT ? OFFSET ?`,
    [runIdOfAgents, limit, from],
    AGENTS,
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

export type NewArtifact = Pick<Artifact, 'id' | 'runId' | 'phase' | 'path' | 'type'> & {
  readonly contentHash: string | undefined;
  readonly dispatchId: string | undefined;
};

export function insertArtifact(u: Unit, artifact: NewArtifact): void {
  u.db.run(...ARTIFACTS.insert({ ...artifact, status: 'active', createdAt: u.now }));
}

/** Oldest first; of some phases, if given. */
export function selectArtifacts(
  r: Reader,
  runIdOfArtifacts: string,
  phases: readonly string[] | undefined,
  { from, limit }: ListPage,
): Artifact[] {
  return r.db.list(
    `SELECT ${ARTIFACTS.columns} FROM run_artifacts
     WHERE run_id = ?1 AND (?2 IS NULL OR phase IN (SELECT value FROM json_each(?2))) ${OLDEST_FIRST} LIMIT ?3 OFFSET ?4`,
    [runIdOfArtifacts, phases === undefined ? null : JSON.stringify(phases), limit, from],
    ARTIFACTS,
  );
}

/** How many each phase of a run has, including unreadable rows. */
export function countArtifacts(r: Reader, runIdOfArtifacts: string): ReadonlyMap<string, number> {
  const sql = 'SELECT phase, count(*) AS n FROM run_artifacts WHERE run_id = ? GROUP BY phase';
  return new Map(r.db.rows(sql, [runIdOfArtifacts]).map(({ phase, n }) => [String(phase), Number(n)]));
}

export function selectArtifact(r: Reader, id: ArtifactId): Artifact | undefined {
  return r.db.get(`SELECT ${ARTIFACTS.columns} FROM run_artifacts WHERE id = ?`, [id], ARTIFACTS);
}
