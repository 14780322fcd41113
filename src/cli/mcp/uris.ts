/** The addresses of resources, and their parser. */

export const RUNS_URI = 'intercore://runs';

/** Resources of a run or a dispatch. */
export type Address =
  | { readonly kind: 'runs'; readonly from: number }
  | { readonly kind: 'run' | 'evidence'; readonly runId: string }
  | { readonly kind: 'events'; readonly runId: string; readonly after: Position }
  | { readonly kind: 'log'; readonly dispatchId: string; readonly offset: number | undefined };

/** Events have two sources, each with its own ids. */
export interface Position {
  readonly phase: number;
  readonly dispatch: number;
}

/** The runs after the newest `from` ones. */
export const runsUri = (from: number): string => `${RUNS_URI}?from=${from}`;
export const runUri = (runId: string): string => `${RUNS_URI}/${encodeURIComponent(runId)}`;
export const evidenceUri = (runId: string): string => `${runUri(runId)}/evidence`;
export const eventsUri = (runId: string, { phase, dispatch }: Position): string =>
  `${runUri(runId)}/events${phase + dispatch === 0 ? '' : `?afterPhase=${phase}&afterDispatch=${dispatch}`}`;
export const logUri = (dispatchId: string, offset?: number): string =>
  `intercore://dispatches/${encodeURIComponent(dispatchId)}/log${offset === undefined ? '' : `?offset=${offset}`}`;

export const TEMPLATES = [
  {
    uriTemplate: `${RUNS_URI}{?from}`,
    name: 'runs',
    description: 'The runs of each folder, newest first, in pages. next is the address of the following page.',
  },
  {
    uriTemplate: `${RUNS_URI}/{runId}`,
    name: 'run',
    description: 'One run: goal, phase, phase chain, status, budget.',
  },
  {
    uriTemplate: `${RUNS_URI}/{runId}/evidence`,
    name: 'evidence',
    description: 'What each gate of a run was evaluated from, newest first.',
  },
  {
    uriTemplate: `${RUNS_URI}/{runId}/events{?afterPhase,afterDispatch}`,
    name: 'events',
    description: 'The events of a run, oldest first, in pages. next is the address of the following page.',
  },
  {
    uriTemplate: 'intercore://dispatches/{dispatchId}/log{?offset}',
    name: 'log',
    description:
      'The output of an agent: its end, or a page from a byte offset. next is the address of the following page.',
  },
] as const;

/** Undefined if it is not one of our addresses. */
export function parseUri(text: string): Address | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, searchParams } = new URL(text);
  const [id = '', part = '', ...rest] = pathname.split('/').slice(1).map(decoded);
  if (protocol !== 'intercore:' || rest.length > 0) return undefined;
  if (host === 'runs') {
    if (id === '') return part === '' ? { kind: 'runs', from: whole(searchParams.get('from')) } : undefined;
    if (part === '') return { kind: 'run', runId: id };
    if (part === 'evidence') return { kind: 'evidence', runId: id };
    const after = { phase: whole(searchParams.get('afterPhase')), dispatch: whole(searchParams.get('afterDispatch')) };
    return part === 'events' ? { kind: 'events', runId: id, after } : undefined;
  }
  if (host !== 'dispatches' || id === '' || part !== 'log') return undefined;
  const offset = searchParams.get('offset');
  return { kind: 'log', dispatchId: id, offset: offset === null ? undefined : whole(offset) };
}

function whole(text: string | null): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
