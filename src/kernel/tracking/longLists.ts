/** The agents and artifacts of a run, in chunks, oldest first. */
import { longList } from '../list/longList';
import type { Agent, Artifact } from './model';
import { AGENT_COLUMNS, agentCodec, ARTIFACT_COLUMNS, artifactCodec, OLDEST_FIRST } from './store';

export const AGENT_LIST = longList<{ readonly runId: string }, Agent>({
  name: 'run_agents',
  columns: AGENT_COLUMNS,
  order: OLDEST_FIRST,
  codec: agentCodec,
  listed: ({ runId }) => ({ sql: `FROM run_agents WHERE run_id = ? ${OLDEST_FIRST}`, params: [runId] }),
});

/** Of one phase, if given. */
export const ARTIFACT_LIST = longList<{ readonly runId: string; readonly phase?: string | undefined }, Artifact>({
  name: 'run_artifacts',
  columns: ARTIFACT_COLUMNS,
  order: OLDEST_FIRST,
  codec: artifactCodec,
  listed: ({ runId, phase = null }) => ({
    sql: `FROM run_artifacts WHERE run_id = ?1 AND (?2 IS NULL OR phase = ?2) ${OLDEST_FIRST}`,
    params: [runId, phase],
  }),
});
