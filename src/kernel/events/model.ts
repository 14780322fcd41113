/** The unified event stream and its cursors (`docs/design/formats.md#events`). */

export const EVENT_SOURCES = ['discovery', 'dispatch', 'phase'] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

export interface KernelEvent {
  /** Row id within the source's own table. */
  readonly id: number;
  /** Empty where the event belongs to no run. */
  readonly runId: string;
  readonly source: EventSource;
  readonly type: string;
  readonly fromState: string;
  readonly toState: string;
  readonly reason: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** The dispatch of a dispatch event, else null. */
  readonly dispatchId: string | null;
  /** Who requested it (`Signature`); null for automatic events, and for those of programs that do not sign. */
  readonly caller: string | null;
}

/** The position of a consumer: the last id seen in each source. */
export interface Cursor {
  readonly phase: number;
  readonly dispatch: number;
  readonly interspect: number;
  readonly discovery: number;
}

export const ZERO_CURSOR: Cursor = { phase: 0, dispatch: 0, interspect: 0, discovery: 0 };

/** A cursor as it is stored: its scope is a consumer, or `consumer:run`. */
export interface StoredCursor {
  readonly scopeId: string;
  /** JSON text. */
  readonly payload: string;
}

export interface EventQuery {
  /** Absent: events of all runs and of discovery. */
  readonly runId?: string;
  /** Only ids above these. */
  readonly since?: Cursor;
  /** At most this many; 0 or absent: 1000. */
  readonly limit?: number;
}
