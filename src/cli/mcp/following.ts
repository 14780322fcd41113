/** Tells a client what has changed: whoever wrote it, for the files of the records are watched. */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors';
import type { OperationHost } from '../../services/operations/host';
import { listed } from './resources';
import { RUNS_URI, evidenceUri, eventsUri, parseUri, runUri } from './uris';

export class Following implements Disposable {
  private readonly subscribed = new Set<string>();
  private readonly subscriptions: Disposable[] = [];
  /** The addresses that the client was told of last. */
  private known = '';

  constructor(
    private readonly server: McpServer,
    private readonly host: OperationHost,
  ) {
    server.server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
      this.subscribed.add(uri);
      return {};
    });
    server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
      this.subscribed.delete(uri);
      return {};
    });
  }

  /**
   * Reads the records, watches them from now on, and tells of changes.
   * @param followsAgents false for the server of one agent, of which there may be many beside the window that follows all
   */
  async start(followsAgents: boolean): Promise<void> {
    const { kernels, dispatcher, log } = this.host;
    await Promise.all(kernels.all().map((kernel) => kernel.load()));
    this.known = this.addresses();
    const tell = (uris: (uri: string) => boolean): void => {
      this.tell(uris).catch((error: unknown) => log.warn('client not told', { problem: problemOf(error) }));
    };
    this.subscriptions.push(
      kernels.onDidChange(({ change }) => {
        const runs = [...change.runs];
        const touched = new Set([RUNS_URI, ...runs.flatMap((id) => [runUri(id), evidenceUri(id)])]);
        const isOfRun = (uri: string) => runs.some((id) => uri.startsWith(eventsUri(id, { phase: 0, dispatch: 0 })));
        tell((uri) => change.origin === 'file' || touched.has(uri) || isOfRun(uri));
      }),
      dispatcher.onDidOutput(({ dispatchId }) => {
        tell((uri) => {
          const address = parseUri(uri);
          return address?.kind === 'log' && address.dispatchId === dispatchId;
        });
      }),
    );
    if (followsAgents) await this.followLiving();
  }

  dispose(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.dispose();
  }

  /** Agents that were at work before are followed, too: what waits for one has to learn of its end. */
  private async followLiving(): Promise<void> {
    const { kernels, dispatcher } = this.host;
    for (const kernel of kernels.all()) {
      if (kernel.state.kind === 'ready') await dispatcher.adopt(kernel);
    }
  }

  private async tell(concerns: (uri: string) => boolean): Promise<void> {
    const addresses = this.addresses();
    if (addresses !== this.known) {
      this.known = addresses;
      await this.server.server.sendResourceListChanged();
    }
    for (const uri of this.subscribed) if (concerns(uri)) await this.server.server.sendResourceUpdated({ uri });
  }

  private addresses(): string {
    return listed(this.host)
      .map(({ uri }) => uri)
      .join('\n');
  }
}
