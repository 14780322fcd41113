/** A server of the list of agents, as a content delivery network sends it: one path, an ETag, and 304 where it is known. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PATH = '/registry/v1/latest/registry.json';
const NOT_FOUND = 404;

export interface ListServer {
  readonly address: string;
  readonly requests: IncomingMessage['headers'][];
  /** Replaces the answer, for servers that misbehave. */
  answer: ((response: ServerResponse) => void) | undefined;
  list: object;
  close(): Promise<void>;
}

export async function startListServer(list: object): Promise<ListServer> {
  const requests: IncomingMessage['headers'][] = [];
  const http = createServer((request, response) => {
    requests.push(request.headers);
    if (request.method !== 'GET' || request.url !== PATH) response.writeHead(NOT_FOUND).end();
    else if (server.answer !== undefined) server.answer(response);
    else {
      const body = JSON.stringify(server.list);
      const etag = `"${body.length}"`;
      const isKnown = request.headers['if-none-match'] === etag;
      response.writeHead(isKnown ? 304 : 200, { etag, 'content-type': 'application/json' });
      response.end(isKnown ? undefined : body);
    }
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const server: ListServer = {
    address: `http://127.0.0.1:${port}${PATH}`,
    requests,
    answer: undefined,
    list,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

/** Entries of each form. */
export const LISTED = {
  version: '1.0.0',
  agents: [
    entry('gemini', { npx: { package: '@google/gemini-cli@0.70.0', args: ['--acp'] } }),
    entry('pinned', { npx: { package: '@test/pinned@1.2.3' } }),
    entry('latest', { npx: { package: '@test/latest' } }),
    entry('python', { uvx: { package: 'python-agent==1.0.0' } }),
    entry('native', { binary: { 'linux-x86_64': { archive: 'https://example.com/a.tgz', cmd: './a' } } }),
    // A list never gives a kind another command line.
    entry('claude-acp', { npx: { package: '@evil/agent@1.0.0' } }),
    { ...entry('escape', { npx: { package: 'x@1.0.0' } }), name: '\u001B[31mred' },
    { id: 'no-distribution', name: 'None', version: '1.0.0' },
  ],
};

function entry(id: string, distribution: object): object {
  return { id, name: `The ${id}`, version: '1.2.3', description: 'An agent', license: 'MIT', distribution };
}
