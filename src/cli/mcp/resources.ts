/** Resources that a client can read and follow: runs, the evidence of their gates, their events, and agents' logs. */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ErrorCode,
  ListResourceTemplatesRequestSchema,
  ListResourcesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ReadResourceResult,
  type Resource,
} from '@modelcontextprotocol/sdk/types.js';
import type { AlteredFile } from '../../contract/results/records';
import { isKernelError } from '../../kernel/errors/errors';
import { parseEvidence } from '../../kernel/gate/service';
import { listDispatches } from '../../kernel/dispatch/service';
import { listRuns } from '../../kernel/run/record/queries';
import { runOperation } from '../../services/operations/api/api';
import { ownLog } from '../../services/dispatch/follow/logLocation';
import { isReadable, kernelOf, type OperationHost } from '../../services/operations/host';
import { refreshRecords, updateRecords } from './freshRecords';
import { readLogPage } from './logPage';
import { RUNS_URI, TEMPLATES, eventsUri, logUri, parseUri, runUri, runsUri, type Address } from './uris';

/** The most runs and logs listed for each folder; others can be read by their address. */
const MAX_LISTED = 100;
const RUNS_PER_PAGE = 200;
const EVENTS_PER_PAGE = 200;

/** The protocol's code for a missing resource. */
const RESOURCE_NOT_FOUND = -32002;

/** Printed before the text of each page, because some clients do not show metadata to their model. */
const ALTERED: Readonly<Record<AlteredFile, string>> = {
  log: '(This log was changed after the agent ended.)',
  exit: '(The record of how this agent ended was changed, so this log cannot be verified.)',
  prompt: '(The prompt of this agent was changed after it was sent.)',
};

export function serveResources(server: McpServer, host: OperationHost): void {
  server.server.setRequestHandler(ListResourcesRequestSchema, async () => {
    await refreshRecords(host);
    return { resources: listed(host) };
  });
  server.server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: TEMPLATES.map((template) => ({ ...template, mimeType: mimeTypeOf(template.name) })),
  }));
  server.server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    const address = parseUri(uri);
    if (address === undefined) throw new McpError(RESOURCE_NOT_FOUND, `unknown resource: ${uri}`, { uri });
    await updateRecords(host);
    try {
      return { contents: [{ uri, mimeType: mimeTypeOf(address.kind), ...(await read(host, address)) }] };
    } catch (error) {
      if (!isKernelError(error)) throw error;
      const { code, message, hint } = error;
      const status = code === 'NOT_FOUND' ? RESOURCE_NOT_FOUND : ErrorCode.InternalError;
      throw new McpError(status, `${code}: ${message} ${hint}`, { uri, code, hint });
    }
  });
}

/** Newest first, folder by folder: all runs as one resource, each run, and the log of each agent that is running. */
export function listed(host: OperationHost): Resource[] {
  const folders = host.kernels.all().filter(isReadable);
  return [
    { uri: RUNS_URI, name: 'runs', title: 'Runs', mimeType: 'application/json' },
    ...folders.flatMap((kernel) =>
      kernel.read((r) => [
        ...listRuns(r, { page: { from: 0, limit: MAX_LISTED } }).runs.map(({ id, goal, phase, status }) => ({
          uri: runUri(id),
          name: id,
          title: goal,
          description: `${status}, in ${phase}`,
          mimeType: 'application/json',
        })),
        ...listDispatches(r, { active: true, page: { from: 0, limit: MAX_LISTED } }).dispatches.map(
          ({ id, name, agentType }) => ({
            uri: logUri(id),
            name: `log ${id}`,
            title: name ?? agentType,
            mimeType: 'text/plain',
          }),
        ),
      ]),
    ),
  ];
}

function mimeTypeOf(kind: Address['kind']): string {
  return kind === 'log' ? 'text/plain' : 'application/json';
}

type Content = Pick<ReadResourceResult['contents'][number], '_meta'> & { readonly text: string };

async function read(host: OperationHost, address: Address): Promise<Content> {
  switch (address.kind) {
    case 'runs':
      return await runsPage(host, address.from);
    case 'run':
      return json(await runOperation(host, 'runs.get', { runId: address.runId }));
    case 'evidence': {
      const events = await runOperation(host, 'runs.events', { runId: address.runId });
      const judged = events.filter(
        ({ type, reason }) => type === 'override' || parseEvidence(reason ?? '') !== undefined,
      );
      return json([...judged].reverse().slice(0, EVENTS_PER_PAGE));
    }
    case 'events':
      return await eventsPage(host, address);
    case 'log': {
      const { dispatchId } = address;
      const kernel = await kernelOf(host, { dispatchId }, 'read logs');
      const file = ownLog(await host.dispatcher.logLocation(kernel, dispatchId));
      if (file === undefined) return { text: '' };
      const { text, offset, next, size } = await readLogPage(file, address.offset);
      const following = next === undefined ? {} : { next: logUri(address.dispatchId, next) };
      const altered = await host.dispatcher.alteredFiles(kernel, dispatchId);
      const notices = altered.map((which) => `${ALTERED[which]}\n`).join('');
      return { text: `${notices}${text}`, _meta: { offset, size, ...following, altered } };
    }
  }
}

async function runsPage(host: OperationHost, from: number): Promise<Content> {
  const page = { from, limit: RUNS_PER_PAGE };
  const folders = host.kernels.all().map(({ folder }) => folder);
  const lists = await Promise.all(folders.map((folder) => runOperation(host, 'runs.list', { folder, ...page })));
  const isLast = lists.every(({ nextFrom }) => nextFrom === null);
  return { ...json(lists), ...(isLast ? {} : { _meta: { next: runsUri(from + RUNS_PER_PAGE) } }) };
}

async function eventsPage(
  host: OperationHost,
  { runId, after }: Extract<Address, { kind: 'events' }>,
): Promise<Content> {
  const since = { ...after, interspect: 0, discovery: 0 };
  const events = await runOperation(host, 'events.list', { runId, since, limit: EVENTS_PER_PAGE });
  if (events.length < EVENTS_PER_PAGE) return json(events);
  const last = (source: 'phase' | 'dispatch') =>
    events.reduce((id, event) => (event.source === source ? Math.max(id, event.id) : id), after[source]);
  return { ...json(events), _meta: { next: eventsUri(runId, { phase: last('phase'), dispatch: last('dispatch') }) } };
}

function json(value: unknown): Content {
  return { text: JSON.stringify(value, null, 2) };
}
