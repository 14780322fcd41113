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
import { getDispatch } from './service';

/** `turn`: its turn ended, or the agent withdrew the request. */
export const DECIDERS = ['person', 'rule', 'policy', 'turn'] as const;

/** Longest text that is stored of a request or a reason, in UTF-16 units; a longer text is cut. */
export const MAX_DECISION_TEXT = 2000;
const MAX_NAME = 200;

const DECISIONS = defineTable(
  'permission_decisions',
  {
    dispatchId: column('dispatch_id', dispatchId),
    /** Of the request, from 1 in each dispatch. */
    number: column('number', z.int()),
    /** The kind of tool, or `question`. */
    tool: column('tool', z.string()),
    /** The command, MCP tool, paths, or question. */
    subject: column('subject', z.string()),
    /** `allow`, `deny`, `accept`, `decline`, or `cancelled`. */
    answer: column('answer', z.string()),
    by: column('decided_by', z.enum(DECIDERS)),
    /** The person's window or `ic`, the number of the rule, or the policy. Empty for the end of the turn. */
    name: column('name', z.string()),
    reason: column('reason', z.string().nullable()),
    /** Unix seconds. */
    askedAt: column('asked_at', z.int().nullable()),
    decidedAt: column('decided_at', z.int()),
  },
  'dispatchId',
);
export type PermissionDecision = RowOf<typeof DECISIONS>;
export type NewDecision = Omit<PermissionDecision, 'dispatchId'>;

/** Stores decisions that are not stored yet, in any status of the dispatch. @throws KernelError `NOT_FOUND` */
export function recordDecisions(u: Unit, id: string, decisions: readonly NewDecision[]): void {
  const dispatch = getDispatch(u, id);
  for (const decision of decisions) {
    const { number, tool, subject, answer, name, reason } = decision;
    if (findDecision(u, dispatch.id, number)) continue;
    const text = (given: string): string => storableText(given, MAX_DECISION_TEXT);
    const short = (given: string): string => storableText(given, MAX_NAME);
    const texts = { tool: short(tool), subject: text(subject), answer: short(answer), name: short(name) };
    u.db.run(
      ...DECISIONS.insert({
        ...decision,
        ...texts,
        dispatchId: dispatch.id,
        reason: reason === null ? null : text(reason),
      }),
    );
  }
  u.touched.dispatch(dispatch.id);
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
