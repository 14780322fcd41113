/** Waits for a fact without an event: a page's memory, a file's text. */
import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 20;
const LIMIT_MS = 30_000;

/** What `read` gives as soon as `isThere` holds of it. Throws with the last value where that does not come in time. */
export async function until<T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await read();
    if (isThere(value)) return value;
    if (Date.now() > end) throw new Error(`Did not come to be in ${LIMIT_MS} ms; it is ${JSON.stringify(value)}`);
    await pause(PAUSE_MS);
  }
}
