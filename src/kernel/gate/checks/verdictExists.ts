/**
 * Which verdicts count for a run. A verdict counts only if its dispatch did none of the work and started after the last
 * of it, so that no agent approves its own work, or work that it has not seen.
 */
import * as z from 'zod';
import { rowCodec } from '../../db/rows';
import { storedReason, type StoredReason } from '../../errors/reasons/storedReasons';
import type { Run } from '../../run/record/model';
import type { Reader } from '../../unit';
import { hasTasks } from '../../tasks/record/store';
import { verdict, type Check, type Verdict } from './check';

export const verdictExists: Check<readonly PassingVerdict[]> = {
  read: ({ r, run }) => passingVerdicts(r, run),
  judge: judgeVerdicts,
};

/** Why a passing verdict does not count. */
type VerdictFlaw = 'did work' | 'started early';

interface PassingVerdict {
  readonly dispatchId: string;
  /** Undefined where it counts. */
  readonly flaw: VerdictFlaw | undefined;
}

const candidate = rowCodec('dispatches', z.object({ id: z.string(), started: z.int() }));
const moment = rowCodec('moment', z.object({ at: z.int().nullable() }), 'at');
/** An unreadable time counts as the latest, since it is not known to be earlier. */
const timeOf = (column: string): string =>
  `(CASE WHEN ${column} IS NULL OR typeof(${column}) IN ('integer', 'real') THEN CAST(${column} AS INTEGER)
    ELSE ${Number.MAX_SAFE_INTEGER} END)`;
const found = rowCodec('found', z.object({ n: z.int() }), 'n');

/**
 * Dispatches of the run, found by its scope or its own id (Q25), with a verdict that passes. `fail` does not, unlike in
 * the original (Q7). Oldest first.
 */
function passingVerdicts(r: Reader, run: Run): PassingVerdict[] {
  const word = 'lower(trim(verdict_status, char(9, 10, 13, 32)))';
  const passing = r.db.list(
    `SELECT id, coalesce(started_at, created_at) AS started FROM dispatches
     WHERE scope_id IN (?, ?) AND ${word} NOT IN ('reject', 'fail', '') ORDER BY created_at, rowid`,
    [run.id, run.scopeId ?? run.id],
    candidate,
  );
  if (passing.length === 0) return [];
  const lastWork = lastWorkOf(r, run);
  return passing.map(({ id, started }) => {
    const flaw = didWork(r, run, id, started) ? 'did work' : started < lastWork ? 'started early' : undefined;
    return { dispatchId: id, flaw };
  });
}

/**
 * When the last work of the run was done, in Unix seconds: its last artifact of another phase than the current one, and
 * for a task's run the end of its last attempt and its last proof. The kernel sees no commits of other programs.
 */
function lastWorkOf(r: Reader, run: Run): number {
  const artifacts = `SELECT max(${timeOf('created_at')}) AS at FROM run_artifacts WHERE run_id = ?1 AND phase <> ?2`;
  const attempts = `SELECT max(${timeOf('a.ended_at')}) AS at FROM agent_runs a JOIN tasks t ON t.id = a.task_id
    WHERE t.run_id = ?1 AND ?2 IS NOT NULL`;
  const proofs = `SELECT max(${timeOf('s.proven_at')}) AS at FROM subtasks s JOIN tasks t ON t.id = s.task_id
    WHERE t.run_id = ?1 AND ?2 IS NOT NULL`;
  const queries = hasTasks(r) ? [artifacts, attempts, proofs] : [artifacts];
  return Math.max(0, ...queries.map((sql) => r.db.get(sql, [run.id, run.phase], moment)?.at ?? 0));
}

/**
 * Whether the dispatch is an attempt at a plan or a subtask, made an artifact of an earlier phase, or was registered as an
 * agent of the run and started before the run entered its phase.
 */
function didWork(r: Reader, run: Run, dispatchId: string, started: number): boolean {
  const is = (sql: string, ...more: readonly (string | number)[]): boolean =>
    (r.db.get(sql, [dispatchId, ...more], found)?.n ?? 0) > 0;
  return (
    (hasTasks(r) && is('SELECT count(*) AS n FROM agent_runs WHERE dispatch_id = ?')) ||
    is(
      'SELECT count(*) AS n FROM run_artifacts WHERE dispatch_id = ? AND run_id = ? AND phase <> ?',
      run.id,
      run.phase,
    ) ||
    (started < enteredAt(r, run) &&
      is('SELECT count(*) AS n FROM run_agents WHERE dispatch_id = ? AND run_id = ?', run.id))
  );
}

function enteredAt(r: Reader, run: Run): number {
  const sql = `SELECT max(${timeOf('created_at')}) AS at FROM phase_events WHERE run_id = ? AND to_phase = ?`;
  return r.db.get(sql, [run.id, run.phase], moment)?.at ?? 0;
}

const NAMED_VERDICTS = 3;
const FLAWS = {
  'did work': '{dispatch} did work of this run',
  'started early': '{dispatch} started before the last work was done',
} as const satisfies Readonly<Record<VerdictFlaw, StoredReason>>;

/** The original's text if there is no verdict; else why each of the latest does not count. */
function judgeVerdicts(passing: readonly PassingVerdict[]): Verdict {
  const flaws = passing.flatMap(({ dispatchId, flaw }) =>
    flaw === undefined ? [] : [storedReason(FLAWS[flaw], { dispatch: dispatchId })],
  );
  const problem = flaws.slice(-NAMED_VERDICTS).join('; ');
  const detail =
    problem === ''
      ? storedReason('no passing verdict found')
      : storedReason('no passing verdict counts: {problem}', { problem });
  return verdict(flaws.length < passing.length, undefined, detail);
}
