/** No agent of the run is active. */
import * as z from 'zod';
import { rowCodec } from '../../db/rows';
import { AGENTS_ACTIVE } from '../../errors/reasons/storedReasons';
import type { Reader } from '../../unit';
import { verdict, type Check } from './check';

export const agentsComplete: Check<number> = {
  read: ({ r, run }) => countActiveAgents(r, run.id),
  judge: (active) => verdict(active === 0, active, AGENTS_ACTIVE.replace('{count}', String(active))),
};

/** Created once: gates are evaluated for every visible run, and creating the schema costs more than the query. */
const counted = rowCodec('count', z.object({ n: z.int() }));

function countActiveAgents(r: Reader, runId: string): number {
  const sql = "SELECT count(*) AS n FROM run_agents WHERE run_id = ? AND status = 'active'";
  return r.db.get(sql, [runId], counted)?.n ?? 0;
}
