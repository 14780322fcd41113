/** SQL of reservations and of cost budgets. */
import * as z from 'zod';
import { column, defineTable, unread, type RowOf } from '../../db/defineTable';
import { rowCodec } from '../../db/rows';
import type { DispatchId, RunId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import { RESERVATION_STATES, type ReservationState } from '../model';
import { BASES, BUDGET_OWNERS, type BudgetOwner, type BudgetRequest } from './room';

const RESERVATIONS = defineTable(
  'budget_reservations',
  {
    dispatchId: column('dispatch_id', z.string()),
    state: column('state', z.enum(RESERVATION_STATES)),
    tokens: column('tokens', z.int().min(0)),
    tokensBasis: column('tokens_basis', z.enum(BASES)),
    /** In micro-dollars. */
    cost: column('cost_micros', z.int().min(0)),
    costBasis: column('cost_basis', z.enum(BASES)),
    /** The owner of the budget that it was ended for, if any. */
    stoppedBy: column('stopped_by', z.enum(BUDGET_OWNERS).nullable()),
    createdAt: unread(column('created_at', z.int())),
  },
  'dispatchId',
  ({ tokensBasis, costBasis, ...row }) => ({ ...row, basis: { tokens: tokensBasis, cost: costBasis } }),
);
/** What a dispatch has reserved of the budgets above it. */
export type Reservation = RowOf<typeof RESERVATIONS>;

const scopeCodec = rowCodec<string | null>(
  'dispatches',
  z.object({ scope_id: z.string().nullable() }).transform((row) => row.scope_id),
);

export function insertReservation(u: Unit, id: string, { tokens, cost }: BudgetRequest): void {
  const amounts = { tokens: tokens.amount, tokensBasis: tokens.basis, cost: cost.amount, costBasis: cost.basis };
  u.db.run(...RESERVATIONS.insert({ dispatchId: id, state: 'reserved', ...amounts, createdAt: u.now }));
}

export function selectReservation(r: Reader, id: string): Reservation | undefined {
  const sql = `SELECT ${RESERVATIONS.columns} FROM budget_reservations WHERE dispatch_id = ?`;
  return r.db.get(sql, [id], RESERVATIONS);
}

/** Compare-and-set; the number of rows changed. */
export function updateState(u: Unit, id: string, from: ReservationState, to: ReservationState): number {
  return u.db.run('UPDATE budget_reservations SET state = ?, ended_at = ? WHERE dispatch_id = ? AND state = ?', [
    to,
    u.now,
    id,
    from,
  ]);
}

export function updateAmounts(u: Unit, id: string, { tokens, cost }: BudgetRequest): void {
  u.db.run(
    `UPDATE budget_reservations SET tokens = ?, tokens_basis = ?, cost_micros = ?, cost_basis = ?
     WHERE dispatch_id = ?`,
    [tokens.amount, tokens.basis, cost.amount, cost.basis, id],
  );
}

/** Keeps the first reason; returns the number of rows changed. */
export function updateStopped(u: Unit, id: string, by: BudgetOwner): number {
  const sql = 'UPDATE budget_reservations SET stopped_by = ? WHERE dispatch_id = ? AND stopped_by IS NULL';
  return u.db.run(sql, [by, id]);
}

export function updateReported(u: Unit, id: string): void {
  u.db.run('UPDATE budget_reservations SET is_reported = 1 WHERE dispatch_id = ? AND is_reported = 0', [id]);
}

export function updatePriced(u: Unit, id: string, micros: number): void {
  u.db.run('UPDATE budget_reservations SET priced_micros = ? WHERE dispatch_id = ?', [micros, id]);
}

export function deleteReservations(u: Unit, ids: readonly DispatchId[]): void {
  u.db.run('DELETE FROM budget_reservations WHERE dispatch_id IN (SELECT value FROM json_each(?))', [
    JSON.stringify(ids),
  ]);
}

/** Null removes the budget. */
export function updateCostLimit(u: Unit, id: RunId, micros: number | null): void {
  if (micros === null) u.db.run('DELETE FROM budget_limits WHERE run_id = ?', [id]);
  else u.db.run('INSERT OR REPLACE INTO budget_limits (run_id, cost_micros) VALUES (?, ?)', [id, micros]);
}

/** The run that a dispatch works for, as its scope names it; undefined for an unknown dispatch. */
export function selectScope(r: Reader, id: string): string | null | undefined {
  return r.db.get('SELECT scope_id FROM dispatches WHERE id = ?', [id], scopeCodec);
}
