/** The unified event stream and the cursors of its readers (`docs/design/formats.md#events`). */
import * as z from 'zod';
import { parseInput, plainText } from '../input';
import { STATE_KEYS } from '../state/keys';
import { deleteState, isDurableState, listState, readState, setState } from '../state/service';
import type { Reader, Unit } from '../unit';
import { cursorInput, position } from './list';
import { ZERO_CURSOR, type Cursor, type StoredCursor } from './model';

export { DEFAULT_EVENT_LIMIT, eventChunks, listEvents } from './list';

/** How long a cursor that is not durable is kept after its last save, in seconds. */
export const CURSOR_TTL_SEC = 86_400;

/** Shell wrappers write some of the positions only (`docs/design/commandLine.md#shell-functions`). */
const storedCursor = z.object({
  phase: position.default(0),
  dispatch: position.default(0),
  interspect: position.default(0),
  discovery: position.default(0),
});

const consumerName = plainText.min(1).max(1024);

/** The position of the consumer; the start if no readable position is stored, so that no event is missed. */
export function loadCursor(r: Reader, consumer: string, runId?: string): Cursor {
  return readState(r, STATE_KEYS.cursor, scopeOf(consumer, runId), storedCursor) ?? ZERO_CURSOR;
}

/**
 * Stores the position of the consumer. A durable cursor stays durable; any other lasts for `CURSOR_TTL_SEC` from now.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function saveCursor(u: Unit, consumer: string, at: Cursor, runId?: string): void {
  const scopeId = scopeOf(consumer, runId);
  write(u, scopeId, parseInput(cursorInput, at, 'cursor'), isDurableState(u, STATE_KEYS.cursor, scopeId));
}

/**
 * Resets the consumer to the start of all events.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function registerCursor(u: Unit, consumer: string, options: { readonly durable: boolean }): void {
  write(u, scopeOf(consumer, undefined), ZERO_CURSOR, options.durable);
}

/** Deletes the cursor of exactly this scope: `consumer` or `consumer:run`. Returns whether there was one. */
export function resetCursor(u: Unit, scopeId: string): boolean {
  return deleteState(u, STATE_KEYS.cursor, scopeId);
}

/** Cursors that have not expired, by scope. */
export function listCursors(r: Reader): StoredCursor[] {
  return listState(r, STATE_KEYS.cursor).map(({ scopeId, payload }) => ({ scopeId, payload }));
}

function scopeOf(consumer: string, runId: string | undefined): string {
  const name = parseInput(consumerName, consumer, 'consumer');
  return runId === undefined ? name : `${name}:${runId}`;
}

function write(u: Unit, scopeId: string, at: Cursor, durable: boolean): void {
  const { phase, dispatch, interspect, discovery } = at;
  const payload = JSON.stringify({ phase, dispatch, interspect, discovery });
  setState(u, { key: STATE_KEYS.cursor, scopeId, payload, ...(durable ? {} : { ttlSec: CURSOR_TTL_SEC }) });
}
