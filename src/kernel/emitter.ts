/** Events of the domain: listeners, and a delivery queue that keeps their order (`docs/design/editor.md#changes`). */

export interface Disposable {
  dispose(): void;
}

interface Listener<T> {
  readonly call: (event: T) => void;
  alive: boolean;
}

/**
 * Delivers every event to all listeners of the moment it was fired, in the order of firing. An event fired inside a
 * listener arrives after all listeners got the current one. If a listener throws, the others still get the event, and
 * its error goes to `onError`.
 */
export class Emitter<T> {
  private listeners: readonly Listener<T>[] = [];
  private readonly deliveries: { readonly listener: Listener<T>; readonly event: T }[] = [];
  private delivering = false;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** Listens until the result is disposed; after that no event arrives, even if it was already fired. */
  readonly event = (call: (event: T) => void): Disposable => {
    const listener: Listener<T> = { call, alive: true };
    this.listeners = [...this.listeners, listener];
    return {
      dispose: () => {
        listener.alive = false;
        this.listeners = this.listeners.filter((other) => other !== listener);
      },
    };
  };

  get listenerCount(): number {
    return this.listeners.length;
  }

  fire(event: T): void {
    for (const listener of this.listeners) this.deliveries.push({ listener, event });
    if (this.delivering) return;
    this.delivering = true;
    try {
      for (let next = this.deliveries.shift(); next !== undefined; next = this.deliveries.shift()) {
        this.deliver(next.listener, next.event);
      }
    } finally {
      this.delivering = false;
    }
  }

  dispose(): void {
    for (const listener of this.listeners) listener.alive = false;
    this.listeners = [];
  }

  private deliver(listener: Listener<T>, event: T): void {
    if (!listener.alive) return;
    try {
      listener.call(event);
    } catch (error) {
      this.onError(error);
    }
  }
}

export function both(first: Disposable, second: Disposable): Disposable {
  return {
    dispose: () => {
      first.dispose();
      second.dispose();
    },
  };
}
