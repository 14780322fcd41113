/** A server on loopback that is not GitHub: as a proxy and as a host it records its requests. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Stranger {
  /** Each request's first line and headers, as one text. */
  readonly received: string[] = [];
  private readonly server = createServer((request, response) => {
    this.keep(request);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end('sign in');
  });

  static async start(): Promise<Stranger> {
    const stranger = new Stranger();
    stranger.server.on('connect', (request: IncomingMessage, socket) => {
      stranger.keep(request);
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
    });
    stranger.server.listen(0, '127.0.0.1');
    await once(stranger.server, 'listening');
    return stranger;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private keep({ method, url, headers }: IncomingMessage): void {
    this.received.push(`${method ?? ''} ${url ?? ''} ${JSON.stringify(headers)}`);
  }
}
