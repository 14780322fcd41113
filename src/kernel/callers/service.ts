/** Signing writes, and reading who made them. */
import type { Reader, Sync, Unit } from '../unit';
import type { Signature, SignedWrite, WritesQuery } from './model';
import { changedRows, eventMark, hasCallers, insertSigned, selectWrites } from './store';

export type { Signature, SignedWrite } from './model';

const DEFAULT_LIMIT = 1000;

/** Does the work and signs what it changed, in the same transaction; work that changed nothing is not signed. */
export function signed<T>(u: Unit, signature: Signature, work: (unit: Unit) => Sync<T>): Sync<T> {
  const before = changedRows(u);
  const mark = eventMark(u);
  const result = work(u);
  if (changedRows(u) === before) return result;
  const [run, ...others] = u.touched.runs;
  insertSigned(u, signature, run === undefined || others.length > 0 ? null : run, mark);
  return result;
}

/** Who changed the record by what, newest first. */
export function listWrites(r: Reader, { runId, limit = DEFAULT_LIMIT }: WritesQuery = {}): SignedWrite[] {
  return hasCallers(r) ? selectWrites(r, runId, limit) : [];
}
