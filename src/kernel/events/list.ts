/** The unified event stream as a list (`docs/design/formats.md#events`). A window that starts does not read it. */
import * as z from 'zod';
import { parseInput } from '../input';
import type { Reader } from '../unit';
import { mergedChunks } from './merge';
import { EVENT_SOURCES, ZERO_CURSOR, type EventQuery, type KernelEvent } from './model';
import { selectEvents, selectRunEvents } from './store';

/** The default limit of a query. */
export const DEFAULT_EVENT_LIMIT = 1000;

/** Discovery events belong to no run. */
const SOURCES_OF_RUNS = ['dispatch', 'phase'] as const;

export const position = z.int().min(0);

export const cursorInput = z.strictObject({
  phase: position,
  dispatch: position,
  interspect: position,
  discovery: position,
});

const eventQuery = z.strictObject({
  runId: z.string().optional(),
  since: cursorInput.optional(),
  /** 0 or less: `DEFAULT_EVENT_LIMIT`. */
  limit: z.int().optional(),
});

/**
 * Events after a position, by time, source and id; within a source always by id. Without a run: of all runs, and of
 * discovery. A reader that continues at `cursorAfter` sees every event once.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function listEvents(r: Reader, query: EventQuery = {}): KernelEvent[] {
  return [...eventChunks((work) => work(r), query)].flat();
}

/** Reads the record once for a part of a list. */
type ReadEvents = (work: (r: Reader) => readonly KernelEvent[]) => readonly KernelEvent[];

/**
 * The same in chunks, so that a caller can yield to other work between two. Events written meanwhile may be included.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function* eventChunks(
  read: ReadEvents,
  query: EventQuery = {},
): Generator<readonly KernelEvent[], void, undefined> {
  const { runId, since = ZERO_CURSOR, limit = 0 } = parseInput(eventQuery, query, 'query');
  yield* mergedChunks(
    runId === undefined ? EVENT_SOURCES : SOURCES_OF_RUNS,
    since,
    limit > 0 ? limit : DEFAULT_EVENT_LIMIT,
    (source, after, most) =>
      read((r) =>
        runId === undefined ? selectEvents(r, source, after, most) : selectRunEvents(r, source, runId, after, most),
      ),
  );
}
