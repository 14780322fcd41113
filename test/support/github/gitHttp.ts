/** Git over HTTP, by git's own program for it: clones and pushes are real, and so is who may do them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { devNull } from 'node:os';
import type { HostedRepository, Hub } from './hub';
import { defined } from '../../../src/kernel/defined';

const ADDRESS = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export function isGitRequest(path: string): boolean {
  return ADDRESS.test(path);
}

export async function answerGit(hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://loopback');
  const [, owner = '', repo = '', service = ''] = ADDRESS.exec(url.pathname) ?? [];
  const repository = hub.find(owner, repo);
  const account = accountOf(hub, request);
  const isPush = [service, url.searchParams.get('service')].includes('git-receive-pack');
  const refusal = refusalOf(hub, repository, account, isPush);
  if (refusal !== undefined || repository === undefined) {
    const [status, text] = refusal ?? [404, 'Repository not found.'];
    response.writeHead(status, { 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="GitHub"' });
    response.end(text);
    return;
  }
  await runBackend(repository, service, url.search.slice(1), account ?? '', request, response);
}

/** Null for a credential that GitHub does not know. */
function accountOf(hub: Hub, { headers }: IncomingMessage): string | null | undefined {
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) return undefined;
  const token = Buffer.from(basic, 'base64')
    .toString()
    .replace(/^x-access-token:/, '');
  return hub.tokens.get(token) ?? null;
}

function refusalOf(
  hub: Hub,
  repository: HostedRepository | undefined,
  account: string | null | undefined,
  isPush: boolean,
): readonly [number, string] | undefined {
  if (account === null) return [401, 'Invalid username or token.'];
  if (repository === undefined || !hub.maySee(repository, account)) {
    return account === undefined ? [401, 'No credentials.'] : [404, 'Repository not found.'];
  }
  if (!isPush || hub.mayPush(repository, account)) return undefined;
  if (account === undefined) return [401, 'No credentials.'];
  return [403, `Permission to ${repository.owner}/${repository.repo}.git denied to ${account}.`];
}

async function runBackend(
  { folder }: HostedRepository,
  service: string,
  query: string,
  account: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { headers } = request;
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: account,
      GIT_PROJECT_ROOT: folder,
      PATH_INFO: `/${service}`,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: headers['content-type'] ?? '',
      ...defined({ CONTENT_LENGTH: headers['content-length'], HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
      ...(headers['git-protocol'] === undefined ? {} : { GIT_PROTOCOL: String(headers['git-protocol']) }),
    },
  });
  // The program may end before it has read all, and a client may go away.
  child.stdin.on('error', () => request.unpipe());
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  let head = Buffer.alloc(0);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (response.headersSent) {
      if (!response.write(chunk) && !response.destroyed)
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) continue;
    writeHead(response, head.subarray(0, end).toString());
    response.write(head.subarray(end + 4));
  }
  response.end();
}

/** What a CGI program says about its answer. */
function writeHead(response: ServerResponse, text: string): void {
  let status = 200;
  for (const line of text.split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*/, 2);
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}
