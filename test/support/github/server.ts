/**
 * A GitHub on loopback, for tests: its API as GitHub describes it, over real repositories that are cloned and pushed to
 * over HTTP. Every request and every answer is held against the published description.
 */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ApiDescription } from './description';
import { type ReceivedRequest } from './description';
import { answerGit, isGitRequest } from './gitHttp';
import { Hub, type HostedPull } from './hub';
import { failure, OPERATIONS, type ApiAnswer } from './operations';
import { Payloads } from './payloads';

/** What happens to a request instead of what it asks for. `drop` cuts the connection. */
export type Fault = 'drop' | (ApiAnswer & { readonly before?: () => void });

interface Held {
  readonly part: string;
  readonly when: 'asked' | 'done';
  readonly gate: Promise<void>;
  readonly onReached: () => void;
}

const API = '/api/v3';
const HOUR_MS = 3_600_000;

export class GitHubServer {
  readonly hub: Hub;
  /** Every way in which a request or an answer broke the description. A test asserts that there are none. */
  readonly violations: string[] = [];
  /** Routes and statuses, in order; for git the method and the path. */
  readonly requests: string[] = [];
  /** Bodies of requests, by route, the last one each. */
  readonly bodies = new Map<string, unknown>();
  readonly payloads: Payloads;
  private readonly faults = new Map<string, Fault[]>();
  private readonly arrivals = new EventEmitter();
  private gate: Promise<void> = Promise.resolve();
  private held: Held | undefined;
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private port = 0;

  /** `root`: an empty folder for the bare repositories. */
  constructor(
    root: string,
    private readonly description: ApiDescription,
  ) {
    this.hub = new Hub(root);
    this.payloads = new Payloads(this.description, this.hub, () => this.url);
  }

  /** Without a slash at its end. What an enterprise server's address is. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    this.port = address.port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** The next requests of a route meet these faults, one each; `git` stands for all of git's. */
  fail(route: string, ...faults: Fault[]): void {
    this.faults.set(route, [...(this.faults.get(route) ?? []), ...faults]);
  }

  /** No request meets a fault any more. */
  repair(): void {
    this.faults.clear();
  }

  /** Makes requests of git wait. @returns what lets them continue */
  holdGit(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  /**
   * Makes answers wait to requests whose name has `part` in it: before what they ask for is done, or, for the API alone,
   * after it. @returns what tells that one waits, and lets them continue
   */
  hold(part: string, when: Held['when']): { readonly reached: Promise<void>; readonly release: () => void } {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const reached = new Promise<void>((resolve) => (this.held = { part, when, gate, onReached: resolve }));
    return { reached, release };
  }

  private async waitWhileHeld(name: string, when: Held['when']): Promise<void> {
    const { held } = this;
    if (held?.when !== when || !name.includes(held.part)) return;
    held.onReached();
    await held.gate;
  }

  /** Resolves with the next request whose name has this in it. */
  async reached(part: string): Promise<void> {
    for (;;) {
      const [name] = (await once(this.arrivals, 'request')) as [string];
      if (name.includes(part)) return;
    }
  }

  /** What a person does on the page of a pull request. */
  async merge(owner: string, repo: string, number: number): Promise<string> {
    return this.hub.merge(this.pull(owner, repo, number));
  }

  pull(owner: string, repo: string, number: number): HostedPull {
    const pull = this.hub.find(owner, repo)?.pulls.find((one) => one.number === number);
    if (pull === undefined) throw new Error(`there is no pull request ${owner}/${repo}#${number}`);
    return pull;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    try {
      if (isGitRequest(pathname)) await this.answerGit(request, response, pathname);
      else await this.answerApi(request, response, pathname);
    } catch (error) {
      this.violations.push(`the server failed: ${String(error)}`);
      response.destroy();
    }
  }

  private async answerGit(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const name = `${request.method ?? ''} ${pathname}`;
    this.arrivals.emit('request', name);
    await this.gate;
    await this.waitWhileHeld(name, 'asked');
    const fault = this.nextFault('git');
    if (fault === 'drop') {
      response.destroy();
    } else if (fault === undefined) {
      await answerGit(this.hub, request, response);
    } else {
      response.writeHead(fault.status, { 'content-type': 'text/plain' }).end(String(fault.body));
    }
    this.requests.push(`${name} ${response.statusCode}`);
  }

  private async answerApi(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const method = request.method ?? 'GET';
    const rawPath = (request.url ?? '').split('?')[0] ?? '';
    const matched = pathname.startsWith(`${API}/`)
      ? this.description.match(method, rawPath.slice(API.length))
      : undefined;
    const body = await text(request);
    if (matched === undefined) {
      this.violations.push(`${method} ${pathname} is in no description`);
      send(response, failure(404, 'Not Found'));
      return;
    }
    const { searchParams } = new URL(request.url ?? '/', this.url);
    const received: ReceivedRequest = {
      ...matched,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: body === '' ? undefined : (JSON.parse(body) as unknown),
    };
    this.violations.push(...this.description.requestProblems(received));
    this.bodies.set(matched.route, received.body);
    this.arrivals.emit('request', matched.route);
    const fault = this.nextFault(matched.route);
    if (fault === 'drop') {
      response.destroy();
      this.requests.push(`${matched.route} dropped`);
      return;
    }
    fault?.before?.();
    await this.waitWhileHeld(matched.route, 'asked');
    const answer = fault ?? (await this.carryOut(received, request));
    await this.waitWhileHeld(matched.route, 'done');
    if (answer.body !== undefined) {
      this.violations.push(...this.description.answerProblems(matched.route, answer.status, answer.body));
    }
    this.requests.push(`${matched.route} ${answer.status}`);
    send(response, answer);
  }

  private async carryOut(received: ReceivedRequest, { headers }: IncomingMessage): Promise<ApiAnswer> {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    const account = token === undefined ? undefined : this.hub.tokens.get(token);
    if (account === undefined) return failure(401, 'Bad credentials');
    const { owner = '', repo = '' } = received.params;
    const repository = this.hub.find(owner, repo);
    if (repository === undefined || !this.hub.maySee(repository, account)) return failure(404, 'Not Found');
    const operation = OPERATIONS[received.route];
    if (operation === undefined) throw new Error(`${received.route} is not played here`);
    return operation({ hub: this.hub, payloads: this.payloads, request: received, account, repository });
  }

  private nextFault(route: string): Fault | undefined {
    return this.faults.get(route)?.shift();
  }
}

function send(response: ServerResponse, { status, body, headers }: ApiAnswer): void {
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999' };
  const reset = { 'x-ratelimit-reset': String(Math.ceil((Date.now() + HOUR_MS) / 1000)) };
  response.writeHead(status, { ...limits, ...reset, 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
