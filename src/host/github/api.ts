/**
 * Sends requests to GitHub: each with a current token, repeated where that helps, parsed, and with the real reason of a
 * failure (`docs/design/github.md#pull-requests`, D23).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod';
import { KernelError } from '../../kernel/errors/errors';
import { because, foreignText, type Problem } from '../../kernel/errors/reasons/problem';
import type { Clock } from '../../kernel/ports';
import type { Log } from '../log';
import { hostOf, type GitHubAddress, type TokenSource } from './address';
import { failureOf, isTransient, limitedUntil, problemIn, type Failure } from './answers';

export interface GitHubDeps {
  readonly address: GitHubAddress;
  readonly token: TokenSource;
  readonly clock: Clock;
  readonly log: Log;
  /** The longest limit to wait for rather than report; by default a minute. */
  readonly patienceMs?: number;
  /** Pauses before each repetition after a failure that may pass; by default 1, 2 and 4 seconds. */
  readonly retryWaitsMs?: readonly number[];
}

export interface Call {
  /** Of the repository or pull request, as in `octo/parcels#7`. */
  readonly name: string;
  /** As in GitHub's reference: `GET /repos/{owner}/{repo}`. */
  readonly route: string;
  /** Values of the route's placeholders; the rest is the query or the body. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Statuses of failures that are expected results here. */
  readonly accepts?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly data: unknown;
}

const API_VERSION = '2022-11-28';
const REQUEST_TIMEOUT_MS = 30_000;
const PATIENCE_MS = 60_000;
const RETRY_WAITS_MS = [1000, 2000, 4000];

type Attempt = { readonly answer: Answer } | { readonly failure: Failure };

export class GitHubApi {
  constructor(private readonly deps: GitHubDeps) {}

  get address(): GitHubAddress {
    return this.deps.address;
  }

  /**
   * All our requests can be repeated: work that was already done is detected. Rejects once the signal aborts.
   * @throws KernelError `GITHUB_FAILED`, `GITHUB_UNREACHABLE`, `GITHUB_AUTH`, `GITHUB_RATE_LIMIT`, `GITHUB_NOT_FOUND`
   */
  async send(call: Call): Promise<Answer> {
    let token = await this.deps.token();
    let isRenewed = false;
    for (let repetition = 0; ;) {
      const attempt = await this.attempt(call, token);
      if ('answer' in attempt) return attempt.answer;
      const { failure } = attempt;
      if (failure.status === 401 && !isRenewed) {
        isRenewed = true;
        token = await this.deps.token(token);
      } else {
        const waitMs = this.waitAfter(call, failure, repetition);
        repetition += 1;
        const { status, problem } = failure;
        this.deps.log.info('request to GitHub is repeated', { request: requestOf(call), status, problem, waitMs });
        await delay(waitMs, undefined, { signal: call.signal });
      }
    }
  }

  /** @throws as `send`; `GITHUB_FAILED` also for an unexpected response. */
  async read<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
    const { status, data } = await this.send(call);
    return this.parse(call, status, data, schema);
  }

  parse<T>(call: Call, status: number, data: unknown, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const problem = because('its response is not understood: {field} {said}', {
      field: issue?.path.join('.') ?? '',
      said: issue?.message ?? '',
    });
    throw this.refusal(call, status, problem);
  }

  /** The error of a request that GitHub did not carry out. */
  refusal(call: Call, status: number, problem: Problem<'GITHUB_FAILED'>): KernelError {
    return new KernelError('GITHUB_FAILED', { request: requestOf(call), status, problem });
  }

  private async attempt(call: Call, token: string): Promise<Attempt> {
    const { route, parameters, accepts = [], signal } = call;
    signal?.throwIfAborted();
    // Loaded at the first use: most windows never contact GitHub.
    const { request } = await import('@octokit/request');
    const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const { status, data } = (await request(route, {
        ...parameters,
        baseUrl: this.address.apiUrl,
        headers: {
          authorization: `Bearer ${token}`,
          'user-agent': 'intercore-vscode',
          'x-github-api-version': API_VERSION,
        },
        request: {
          signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
          // Reads follow a moved repository; changes must name its current location.
          redirect: route.startsWith('GET ') ? 'follow' : 'manual',
          log: this.deps.log,
        },
      })) as Answer;
      if (status < 300) return { answer: { status, data } };
      return { failure: { status, data, headers: {}, problem: problemIn(data) } };
    } catch (error) {
      signal?.throwIfAborted();
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const clean = { ...failure, problem: failure.problem.replaceAll(token, '***') };
      this.deps.log.debug('request to GitHub failed', {
        request: requestOf(call),
        status: clean.status,
        problem: clean.problem,
      });
      return accepts.includes(clean.status) ? { answer: clean } : { failure: clean };
    }
  }

  /** How long to wait before the next try. @throws KernelError if another try would not help */
  private waitAfter(call: Call, failure: Failure, repetition: number): number {
    const backOffs = this.deps.retryWaitsMs ?? RETRY_WAITS_MS;
    const backOff = backOffs[repetition];
    if (isTransient(failure) && backOff !== undefined) return backOff;
    const now = this.deps.clock.nowMs();
    const until = limitedUntil(failure, now);
    if (until === undefined) throw this.errorOf(call, failure);
    const wait = Math.max(0, until - now) + 1;
    const isShort = wait <= (this.deps.patienceMs ?? PATIENCE_MS);
    if (isShort && repetition < backOffs.length) return wait;
    throw new KernelError('GITHUB_RATE_LIMIT', { resetsAt: readable(until) });
  }

  private errorOf(call: Call, { status, problem }: Failure): KernelError {
    if (status === 0)
      return new KernelError('GITHUB_UNREACHABLE', { host: hostOf(this.address), problem: foreignText(problem) });
    if (status === 401) return new KernelError('GITHUB_AUTH', { problem: foreignText(problem) });
    if (status === 404) return new KernelError('GITHUB_NOT_FOUND', { name: call.name });
    return this.refusal(call, status, problem === '' ? because('the repository has moved') : foreignText(problem));
  }
}

/** Its method and path: `POST /repos/octo/parcels/pulls`. */
function requestOf({ route, parameters }: Call): string {
  return route.replaceAll(/\{(\w+)\}/g, (_, key: string) => String(parameters[key]));
}

function readable(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}
