/** SQL of discoveries, their events and feedback (`docs/design/formats.md#discoveries`). */
import { decodeEach } from '../db/rows';
import type { SqlValue } from '../db/sqlTypes';
import { encodeGoJson } from '../text/goJson';
import type { DiscoveryId } from '../ids';
import type { Reader, Unit } from '../unit';
import {
  DISCOVERIES,
  EMBEDDED_DISCOVERIES,
  type Discovery,
  type DiscoveryEventType,
  type DiscoveryFilter,
  type DiscoveryList,
  type DiscoveryStatus,
  type Embedded,
} from './model';

const { columns } = DISCOVERIES;

export type NewDiscovery = Pick<
  Discovery,
  'id' | 'source' | 'sourceId' | 'title' | 'summary' | 'url' | 'rawMetadata' | 'relevanceScore' | 'confidenceTier'
> & { readonly embedding: Uint8Array | undefined };

export function insertDiscovery(u: Unit, discovery: NewDiscovery): void {
  u.db.run(...EMBEDDED_DISCOVERIES.insert({ ...discovery, status: 'new', discoveredAt: u.now }));
}

export function selectDiscovery(r: Reader, id: string): Discovery | undefined {
  return r.db.get(`SELECT ${columns} FROM discoveries WHERE id = ?`, [id], DISCOVERIES);
}

export function isRecorded(r: Reader, source: string, sourceId: string): boolean {
  return r.db.rows('SELECT 1 FROM discoveries WHERE source = ? AND source_id = ?', [source, sourceId]).length > 0;
}

/** Best first. */
export function selectDiscoveries(r: Reader, filter: DiscoveryFilter, limit: number): DiscoveryList {
  const { where, params } = conditionsOf(filter, []);
  const sql = `SELECT ${columns} FROM discoveries ${where} ORDER BY relevance_score DESC, id LIMIT ?`;
  const { sound: discoveries, invalid } = decodeEach(r.db.leftOut, r.db.rows(sql, [...params, limit]), DISCOVERIES);
  return { discoveries, invalid };
}

/** The comparable ones, in the order in which they were recorded; unreadable rows are omitted. */
export function selectEmbedded(r: Reader, filter: DiscoveryFilter): Embedded[] {
  const { where, params } = conditionsOf(filter, ['embedding IS NOT NULL']);
  return decodeEach(
    r.db.leftOut,
    r.db.rows(`SELECT ${EMBEDDED_DISCOVERIES.columns} FROM discoveries ${where} ORDER BY rowid`, params),
    EMBEDDED_DISCOVERIES,
  ).sound;
}

/** Open ones, neither promoted nor dismissed, that were discovered before a time. */
export function selectOpenBefore(r: Reader, discoveredBefore: number): Discovery[] {
  return selectOpen(r, 'discovered_at < ?', [discoveredBefore]);
}

/** Open ones of a source that were discovered at a time or later. */
export function selectOpenSince(r: Reader, source: string, since: number): Discovery[] {
  return selectOpen(r, 'source = ? AND discovered_at >= ?', [source, since]);
}

function selectOpen(r: Reader, condition: string, params: readonly SqlValue[]): Discovery[] {
  return r.db.list(
    `SELECT ${columns} FROM discoveries
     WHERE ${condition} AND status NOT IN ('promoted', 'dismissed') ORDER BY rowid`,
    params,
    DISCOVERIES,
  );
}

/** Compare-and-set on the status; the number of rows changed. */
export function updateScore(u: Unit, before: Discovery, status: DiscoveryStatus, score: number, tier: string): number {
  return u.db.run(
    'UPDATE discoveries SET relevance_score = ?, confidence_tier = ?, status = ? WHERE id = ? AND status = ?',
    [score, tier, status, before.id, before.status],
  );
}

/** Compare-and-set on the status; the number of rows changed. */
export function updatePromoted(u: Unit, before: Discovery, beadId: string): number {
  return u.db.run(
    "UPDATE discoveries SET status = 'promoted', bead_id = ?, promoted_at = ? WHERE id = ? AND status = ?",
    [beadId, u.now, before.id, before.status],
  );
}

/** Compare-and-set on the status; the number of rows changed. */
export function updateDismissed(u: Unit, before: Discovery): number {
  return u.db.run("UPDATE discoveries SET status = 'dismissed', reviewed_at = ? WHERE id = ? AND status = ?", [
    u.now,
    before.id,
    before.status,
  ]);
}

export interface NewDiscoveryEvent {
  /** Empty for an event of several discoveries. */
  readonly discoveryId: string;
  readonly type: DiscoveryEventType;
  readonly from?: DiscoveryStatus;
  readonly to?: DiscoveryStatus;
  /** Keys in alphabetical order, as the original stores them (`docs/design/commandLine.md#text-and-json`). */
  readonly payload: Readonly<Record<string, string | number | boolean>>;
}

export function insertEvent(u: Unit, event: NewDiscoveryEvent): void {
  u.db.run(
    `INSERT INTO discovery_events (discovery_id, event_type, from_status, to_status, payload, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [event.discoveryId, event.type, event.from ?? '', event.to ?? '', encodeGoJson(event.payload), u.now],
  );
}

export function insertFeedback(u: Unit, id: DiscoveryId, signal: string, data: string, actor: string): void {
  u.db.run(
    `INSERT INTO feedback_signals (discovery_id, signal_type, signal_data, actor, created_at) VALUES (?, ?, ?, ?, ?)`,
    [id, signal, data, actor, u.now],
  );
}

function conditionsOf(filter: DiscoveryFilter, always: readonly string[]): { where: string; params: SqlValue[] } {
  const conditions = [...always];
  const params: SqlValue[] = [];
  const columns = { source: filter.source, status: filter.status, confidence_tier: filter.tier };
  for (const [column, value] of Object.entries(columns)) {
    if (value === undefined || value === '') continue;
    conditions.push(`${column} = ?`);
    params.push(value);
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, params };
}
