/**
 * SQL of signed writes and of their events. Both tables are ours, next to Intercore's
 * (`docs/design/formats.md#tables-of-our-own`).
 */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import type { Reader, Unit } from '../unit';
import { SIGNED_WRITES, type Signature } from './model';

/** Where each source keeps its events. Ids only grow there. */
const EVENT_TABLES = { phase: 'phase_events', dispatch: 'dispatch_events', discovery: 'discovery_events' } as const;
type Source = keyof typeof EVENT_TABLES;
const SOURCES = Object.keys(EVENT_TABLES) as readonly Source[];

/** The last id of each source. */
export type EventMark = Readonly<Record<Source, number>>;

const count = rowCodec(
  'sqlite',
  z.object({ n: z.int() }).transform(({ n }) => n),
  'n',
);

/** Grows with every row that this connection has changed. */
export function changedRows(u: Unit): number {
  return u.db.get('SELECT total_changes() AS n', [], count) ?? 0;
}

export function eventMark(u: Unit): EventMark {
  const last = (source: Source): number =>
    u.db.get(`SELECT coalesce(max(id), 0) AS n FROM ${EVENT_TABLES[source]}`, [], count) ?? 0;
  return { phase: last('phase'), dispatch: last('dispatch'), discovery: last('discovery') };
}

/** Records the write and links it to the events after the mark. */
export function insertSigned(u: Unit, { caller, operation }: Signature, run: string | null, mark: EventMark): void {
  const id = u.db.insert(...SIGNED_WRITES.insert({ caller, operation, runId: run, createdAt: u.now }));
  for (const source of SOURCES) {
    u.db.run(
      `INSERT INTO event_callers (source, event_id, write_id) SELECT ?, id, ? FROM ${EVENT_TABLES[source]} WHERE id > ?`,
      [source, id, mark[source]],
    );
  }
}

/** A read-only record may come from a program that does not sign writes. */
export function hasCallers(r: Reader): boolean {
  const sql =
    "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name IN ('signed_writes', 'event_callers')";
  return r.db.get(sql, [], count) === 2;
}
