/** The agents and artifacts of a run, in chunks, oldest first. */
import { longList } from '../list/longList';
import { AGENTS, ARTIFACTS, type Agent, type Artifact } from './model';
import { OLDEST_FIRST } from './store';

export const AGENT_LIST = longList<{ readonly runId: string }, Agent>({
  table: AGENTS,
  order: OLDEST_FIRST,
  listed: ({ runId }) => ({ sql: `FROM run_agents WHERE run_id = ? ${OLDEST_FIRST}`, params: [runId] }),
});

/** Of one phase, if given. */
export const ARTIFACT_LIST = longList<{ readonly runId: string; readonly phase?: string | undefined }, Artifact>({
  table: ARTIFACTS,
  order: OLDEST_FIRST,
  listed: ({ runId, phase = null }) => ({
    sql: `FROM run_artifacts WHERE run_id = ?1 AND (?2 IS NULL OR phase = ?2) ${OLDEST_FIRST}`,
    params: [runId, phase],
  }),
});
