/** SQL of the limit that a portfolio sets on the active dispatches of its children. */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import { runId, type RunId } from '../ids';
import type { Reader } from '../unit';
import type { SlotHolder } from './limit';

const holderCodec = rowCodec<SlotHolder>(
  'dispatches',
  z
    .object({ project_dir: z.string(), active: z.int() })
    .transform(({ project_dir: projectDir, active }) => ({ projectDir, active })),
);
const limitCodec = rowCodec<PortfolioLimit>('runs', z.object({ id: runId, limit: z.int() }));

export interface PortfolioLimit {
  readonly id: RunId;
  readonly limit: number;
}

/** The portfolio, in this database, that limits the run's dispatches. */
export function selectPortfolioLimit(r: Reader, runIdOfChild: string): PortfolioLimit | undefined {
  return r.db.get(
    `SELECT portfolio.id AS id, portfolio.max_dispatches AS "limit"
     FROM runs AS child JOIN runs AS portfolio ON portfolio.id = child.parent_run_id
     WHERE child.id = ? AND portfolio.max_dispatches > 0`,
    [runIdOfChild],
    limitCodec,
  );
}

/** Of the portfolio's children in this database, those with active dispatches, oldest first. */
export function selectHolders(r: Reader, portfolioId: RunId): SlotHolder[] {
  return r.db.all(
    `SELECT runs.id AS id, runs.project_dir AS project_dir, count(*) AS active
     FROM dispatches JOIN runs ON runs.id = dispatches.scope_id
     WHERE dispatches.status IN ('spawned','running') AND runs.parent_run_id = ?
     GROUP BY runs.id ORDER BY runs.created_at, runs.rowid`,
    [portfolioId],
    holderCodec,
  );
}
