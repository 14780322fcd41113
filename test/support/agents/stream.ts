/** Server-sent events on their way to an agent: whole, slowly, cut off or silent. */
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from './script';

/** One event; `type` is its name on the wire as well as a field of its data, as both APIs have it. */
export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Sends the events as the delivery says, and returns when it has nothing more to send.
 *
 * Guarantees: never throws because the agent went away. After `hang` the response stays open until the agent or the
 * server closes it; after `cut` the connection is destroyed without the end of the stream.
 */
export async function sendEvents(
  response: ServerResponse,
  events: readonly StreamEvent[],
  delivery: Delivery,
): Promise<void> {
  const interrupted = delivery.kind === 'cut' || delivery.kind === 'hang';
  const sent = interrupted ? events.slice(0, delivery.afterEvents) : events;
  if (delivery.kind === 'hang' && sent.length === 0) return;

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for (const event of sent) {
    if (delivery.kind === 'slow') await pause(delivery.pauseMs, undefined, { ref: false });
    if (response.destroyed) return;
    // Clients of some APIs read lines of data only; the name is the one of events without a name.
    const name = event.type === 'message' ? '' : `event: ${event.type}\n`;
    await written(response, `${name}data: ${JSON.stringify(event)}\n\n`);
  }
  if (delivery.kind === 'cut') response.destroy();
  else if (delivery.kind !== 'hang') response.end();
}

/** Sends one JSON body, where the agent did not ask for a stream. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Resolves when the chunk left the process or the connection is gone: a cut must not overtake what was sent. */
function written(response: ServerResponse, chunk: string): Promise<void> {
  return new Promise((resolve) => {
    response.write(chunk, () => resolve());
  });
}
