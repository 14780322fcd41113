/**
 * Notifies a client of changes by any program: it watches the files of the records and the logs that the client
 * follows. Agents of other programs are not adopted.
 */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { watchFile } from '../../host/image/fileWatch';
import type { Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors/errors';
import { ownLog } from '../../services/dispatch/follow/logLocation';
import { kernelOf, type OperationHost } from '../../services/operations/host';
import { listed } from './resources';
import { RUNS_URI, evidenceUri, eventsUri, parseUri, runUri } from './uris';

const UNWATCHED: Disposable = { dispose: () => undefined };

export class Following implements Disposable {
  /** Address → the watcher of its log. */
  private readonly subscribed = new Map<string, Disposable>();
  private readonly subscriptions: Disposable[] = [];
  /** The addresses of the last notification. */
  private known = '';

  constructor(
    private readonly server: McpServer,
    private readonly host: OperationHost,
  ) {
    server.server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
      if (this.subscribed.has(uri)) return {};
      this.subscribed.set(uri, UNWATCHED);
      const watch = await this.watchLog(uri);
      if (this.subscribed.has(uri)) this.subscribed.set(uri, watch);
      else watch.dispose();
      return {};
    });
    server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
      this.subscribed.get(uri)?.dispose();
      this.subscribed.delete(uri);
      return {};
    });
  }

  /** Reads the records, watches them from now on, and notifies of changes. Nothing is written, adopted or signaled. */
  async start(): Promise<void> {
    const { kernels } = this.host;
    await Promise.all(kernels.all().map((kernel) => kernel.load()));
    this.known = this.addresses();
    this.subscriptions.push(
      kernels.onDidChange(({ change }) => {
        const runs = [...change.runs];
        const touched = new Set([RUNS_URI, ...runs.flatMap((id) => [runUri(id), evidenceUri(id)])]);
        const isOfRun = (uri: string) => runs.some((id) => uri.startsWith(eventsUri(id, { phase: 0, dispatch: 0 })));
        this.notify((uri) => change.origin === 'file' || touched.has(uri) || isOfRun(uri));
      }),
    );
  }

  dispose(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.dispose();
    for (const watch of this.subscribed.values()) watch.dispose();
    this.subscribed.clear();
  }

  /** A log grows without a change of the record. An unreadable log is refused when the client reads it. */
  private async watchLog(uri: string): Promise<Disposable> {
    const address = parseUri(uri);
    if (address?.kind !== 'log') return UNWATCHED;
    const { dispatchId } = address;
    const { dispatcher, log } = this.host;
    try {
      const kernel = await kernelOf(this.host, { dispatchId }, 'read logs');
      const file = ownLog(await dispatcher.logLocation(kernel, dispatchId));
      return file === undefined ? UNWATCHED : watchFile(file, { log }, () => this.notify((other) => other === uri));
    } catch (error) {
      log.warn('log not watched', { dispatchId, problem: problemOf(error) });
      return UNWATCHED;
    }
  }

  private notify(concerns: (uri: string) => boolean): void {
    this.send(concerns).catch((error: unknown) => {
      this.host.log.warn('client not notified', { problem: problemOf(error) });
    });
  }

  private async send(concerns: (uri: string) => boolean): Promise<void> {
    const addresses = this.addresses();
    if (addresses !== this.known) {
      this.known = addresses;
      await this.server.server.sendResourceListChanged();
    }
    for (const uri of this.subscribed.keys()) {
      if (concerns(uri)) await this.server.server.sendResourceUpdated({ uri });
    }
  }

  private addresses(): string {
    return listed(this.host)
      .map(({ uri }) => uri)
      .join('\n');
  }
}
