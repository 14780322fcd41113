/** Signing writes; `writes.ts` reads who made them. */
import type { Sync, Unit } from '../unit';
import type { Signature } from './model';
import { changedRows, eventMark, insertSigned } from './store';

export type { Signature, SignedWrite } from './model';

/** Does the work and signs it in the same transaction; work that changed nothing is not signed. */
export function signed<T>(u: Unit, signature: Signature, work: (unit: Unit) => Sync<T>): Sync<T> {
  const before = changedRows(u);
  const mark = eventMark(u);
  const result = work(u);
  if (changedRows(u) === before) return result;
  const [run, ...others] = u.touched.runs;
  insertSigned(u, signature, run === undefined || others.length > 0 ? null : run, mark);
  return result;
}
