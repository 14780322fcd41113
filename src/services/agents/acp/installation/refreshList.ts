/** Fetches the protocol's registry, on demand only: over https, within limits, and again only where it has changed. */
import type { ListProblem } from '../../../../contract/agentList';
import { agentsIn, fetchedList, MAX_LIST_BYTES, storeList, type FetchedList } from './agentList';

export type ListRefresh =
  | { readonly kind: 'fetched' | 'unchanged'; readonly list: FetchedList }
  /** The earlier list stays. `said`: of the server or the system. */
  | { readonly kind: 'failed'; readonly problem: ListProblem; readonly said: string };

export interface RefreshDeps {
  /** Determines where this user's state is. */
  readonly stateEnvironment: NodeJS.ProcessEnv;
  readonly address: string;
  readonly nowMs: number;
  readonly limitMs?: number;
}

const LIMIT_MS = 20_000;
const MOST_REDIRECTS = 3;
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

class Refused extends Error {
  constructor(
    readonly problem: ListProblem,
    readonly said = '',
  ) {
    super(problem);
  }
}

export async function refreshList(deps: RefreshDeps): Promise<ListRefresh> {
  const { stateEnvironment, address, nowMs, limitMs = LIMIT_MS } = deps;
  const known = await fetchedList(stateEnvironment);
  const etag = known?.address === address ? known.etag : null;
  const limit = AbortSignal.timeout(limitMs);
  try {
    const answer = await get(address, etag, limit);
    if (answer.status === 304 && known !== undefined && etag !== null) {
      const list = { ...known, fetchedAtMs: nowMs };
      await storeList(stateEnvironment, list);
      return { kind: 'unchanged', list };
    }
    if (answer.status !== 200) throw await discarded(answer, new Refused('status', String(answer.status)));
    const type = answer.headers.get('content-type') ?? '';
    if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) throw await discarded(answer, new Refused('type'));
    const agents = agentsIn(await textOf(answer));
    if (agents === undefined) throw new Refused('content');
    const list = { address, fetchedAtMs: nowMs, etag: answer.headers.get('etag'), agents };
    await storeList(stateEnvironment, list);
    return { kind: 'fetched', list };
  } catch (error) {
    if (error instanceof Refused) return { kind: 'failed', problem: error.problem, said: error.said };
    if (limit.aborted) return { kind: 'failed', problem: 'time', said: '' };
    if (!(error instanceof Error)) throw error;
    const cause = error.cause instanceof Error ? error.cause : error;
    return { kind: 'failed', problem: 'connection', said: cause.message };
  }
}

/** Each address on the way is judged before it is asked. */
async function get(address: string, etag: string | null, signal: AbortSignal): Promise<Response> {
  let url = allowed(address, 'address');
  for (let redirects = 0; ; redirects += 1) {
    const headers = { accept: 'application/json', 'user-agent': 'intercore-vscode' };
    const conditional = etag === null ? headers : { ...headers, 'if-none-match': etag };
    const answer = await fetch(url, { headers: conditional, redirect: 'manual', signal });
    const to = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null;
    if (to === null) return answer;
    await answer.body?.cancel();
    if (redirects === MOST_REDIRECTS) throw new Refused('redirect');
    url = allowed(to, 'redirect', url);
  }
}

/** Without encryption only on this machine, and never from https to http. */
function allowed(address: string, problem: ListProblem, from?: URL): URL {
  const url = URL.canParse(address, from?.href) ? new URL(address, from?.href) : undefined;
  const isLocal = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname) && from?.protocol !== 'https:';
  if (url === undefined || url.username !== '' || !(isLocal || url.protocol === 'https:')) throw new Refused(problem);
  return url;
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const parts: AsyncIterable<Uint8Array> | null = body;
  // Leaving the loop cancels the rest.
  for await (const part of parts ?? []) {
    bytes += part.byteLength;
    if (bytes > MAX_LIST_BYTES) throw new Refused('size');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function discarded(answer: Response, refused: Refused): Promise<Refused> {
  await answer.body?.cancel();
  return refused;
}
