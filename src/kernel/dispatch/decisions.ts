/**
 * Decisions about what agents in sessions asked, in a table of our own: who or which rule decided what, when, and why
 * (`docs/design/formats.md#tables-of-our-own`). A request has one decision, so storing it again changes nothing.
 */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { decodeEach, rowCodec, type Decoded } from '../db/rows';
import { dispatchId } from '../ids';
import { storableText } from '../text/storableText';
import type { Reader, Unit } from '../unit';
import { newDecision, MAX_DECISION_NAME, MAX_DECISION_TEXT, type NewDecision } from './newDecision';
import { getDispatch, touch } from './service';
import { insertEvent } from './store';

const { shape } = newDecision;

const DECISIONS = defineTable(
  'permission_decisions',
  {
    dispatchId: column('dispatch_id', dispatchId),
    number: column('number', shape.number),
    tool: column('tool', shape.tool),
    subject: column('subject', shape.subject),
    answer: column('answer', shape.answer),
    by: column('decided_by', shape.by),
    name: column('name', shape.name),
    reason: column('reason', shape.reason),
    askedAt: column('asked_at', shape.askedAt),
    decidedAt: column('decided_at', shape.decidedAt),
  },
  'dispatchId',
);
export type PermissionDecision = RowOf<typeof DECISIONS>;

/** Of an event about a decision: its status stays, and its reason is the decision as JSON. */
const EVENT_TYPE = 'decision';

/**
 * Stores decisions that are not stored yet, each with an event, in any status of the dispatch.
 * @throws KernelError `NOT_FOUND`
 */
export function recordDecisions(u: Unit, id: string, decisions: readonly NewDecision[]): void {
  const dispatch = getDispatch(u, id);
  const { status } = dispatch;
  const runId = touch(u, dispatch);
  for (const given of decisions) {
    if (findDecision(u, dispatch.id, given.number)) continue;
    const decision = storable(given);
    u.db.run(...DECISIONS.insert({ ...decision, dispatchId: dispatch.id }));
    const event = { id: dispatch.id, runId, from: status, to: status, reason: JSON.stringify(decision) };
    insertEvent(u, { ...event, type: EVENT_TYPE, createdAt: decision.decidedAt });
  }
}

function storable({ tool, subject, answer, name, reason, ...rest }: NewDecision): NewDecision {
  const text = (given: string): string => storableText(given, MAX_DECISION_TEXT);
  const short = (given: string): string => storableText(given, MAX_DECISION_NAME);
  const texts = { tool: short(tool), subject: text(subject), answer: short(answer), name: short(name) };
  return { ...rest, ...texts, reason: reason === null ? null : text(reason) };
}

/**
 * Decisions in the order of their requests, and unreadable rows. Like events, they outlive a dispatch that is pruned.
 * @throws KernelError `NOT_FOUND`
 */
export function listDecisions(r: Reader, id: string): Decoded<PermissionDecision> {
  const sql = `SELECT ${DECISIONS.columns} FROM permission_decisions WHERE dispatch_id = ? ORDER BY number`;
  const rows = hasTable(r) ? r.db.rows(sql, [id]) : [];
  if (rows.length === 0) getDispatch(r, id);
  return decodeEach(r.db.leftOut, rows, DECISIONS);
}

/** Those of the named dispatches; unreadable rows are left out. */
export function decisionsAmong(r: Reader, ids: readonly string[]): readonly PermissionDecision[] {
  if (!hasTable(r)) return [];
  const sql = `SELECT ${DECISIONS.columns} FROM permission_decisions
    WHERE dispatch_id IN (SELECT value FROM json_each(?)) ORDER BY dispatch_id, number`;
  return r.db.list(sql, [JSON.stringify(ids)], DECISIONS);
}

const count = rowCodec(
  'sqlite',
  z.object({ n: z.int() }).transform(({ n }) => n),
  'n',
);

function findDecision(r: Reader, id: string, number: number): boolean {
  const sql = 'SELECT count(*) AS n FROM permission_decisions WHERE dispatch_id = ? AND number = ?';
  return (r.db.get(sql, [id, number], count) ?? 0) > 0;
}

/** A read-only record may come from a program without this table. */
function hasTable(r: Reader): boolean {
  const sql = "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'permission_decisions'";
  return r.db.get(sql, [], count) === 1;
}
