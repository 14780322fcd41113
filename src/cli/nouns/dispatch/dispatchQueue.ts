/**
 * `ic dispatch queue list|start|remove`: agents that wait for the limit of their portfolio
 * (`docs/design/portfolios.md#limits`).
 */
import { DISPATCH_OPERATIONS } from '../../../contract/operations/dispatches';
import { silentLog } from '../../../host/log';
import { getDispatch } from '../../../kernel/dispatch/service';
import { problemOf } from '../../../kernel/errors/errors';
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import type { queueOperations } from '../../../services/operations/queue';
import { EXIT, type CliCommand, type CliContext } from '../../command/command';
import { withDispatcher } from '../../dispatching/dispatcher';
import { announceDispatch } from '../../dispatching/hooks';
import type { HostParts } from '../../operations/host';
import { operationCommands } from '../../operations/operationCommand';
import { LEFT_OUT } from '../../output/leftOut';
import { present, type JsonValue } from '../../output/output';
import { failureMap } from '../../output/stageFailureMap';

const command = operationCommands<keyof typeof queueOperations>({
  declarations: DISPATCH_OPERATIONS,
  load: async () => (await import('../../../services/operations/queue.js')).queueOperations,
});

const list = command('dispatches.queued', {
  summary: 'List the queued agents, next one first.',
  exits: LEFT_OUT,
  async text({ queued }, context) {
    const failureOf = await failuresIn(context);
    for (const waiting of queued) {
      const { id, request, problem } = waiting;
      context.out.row(id, request.kind, request.name ?? '', problem ?? retryWords(failureOf(waiting)));
    }
  },
  async json({ queued }, context) {
    const failureOf = await failuresIn(context);
    return queued.map((waiting) => queuedMap(waiting, failureOf(waiting)));
  },
});

async function failuresIn(context: CliContext): Promise<(waiting: QueuedDispatch) => StageFailure | undefined> {
  const session = await context.session();
  const failures = session.read((r) => stageFailures(r));
  return ({ id }) => failures.find(({ stage, subject }) => stage === 'queue' && subject === id);
}

function retryWords(failure: StageFailure | undefined): string | null {
  if (failure === undefined || failure.nextAt === null) return null;
  return `${failure.reason} (tries: ${failure.tries}, next: ${new Date(failure.nextAt * 1000).toISOString()})`;
}

function queuedMap(waiting: QueuedDispatch, failure: StageFailure | undefined): JsonValue {
  const { id, runId, projectDir, request, queuedAtMs, problem } = waiting;
  return present({
    id,
    agent_type: request.kind,
    name: request.name,
    scope_id: runId,
    project_dir: projectDir,
    queued_at: Math.floor(queuedAtMs / 1000),
    error_message: problem,
    failure: failure && failureMap(failure),
  });
}

const around = async <T>(context: CliContext, work: (parts: HostParts) => Promise<T>): Promise<T> =>
  await withDispatcher(context, (dispatcher) => work({ dispatcher }));

const startOne = command('dispatches.startQueued', {
  actsOnRows: true,
  summary: 'Start the agents queued by ic that may start now, or one agent out of turn.',
  exits: { 1: 'it is not queued, or the limit of its portfolio is reached', ...LEFT_OUT },
  around,
  text: ({ id }, { out }) => out.line(id),
  json: ({ id }) => [id],
  async after({ id }, context) {
    await announceStarted(context, [id]);
    return EXIT.ok;
  },
});

/** Without an id, all that may start: no operation does that. */
const start: CliCommand = {
  ...startOne,
  operands: '[<dispatch>]',
  async run(context) {
    if (context.args.positionals.length > 0) return await startOne.run(context);
    const { kernel } = await context.session();
    const { started, blocked } = await withDispatcher(context, async (dispatcher) => {
      const { startWaiting } = await import('../../../services/dispatch/queue/queueDrain.js');
      return await startWaiting(dispatcher, [kernel], silentLog);
    });
    for (const { queued, error } of blocked) {
      context.out.message(`${context.name}: ${queued.id} is not started now: ${problemOf(error)}`);
    }
    if (context.flags.json) context.out.map(started);
    else for (const id of started) context.out.line(id);
    await announceStarted(context, started);
    return EXIT.ok;
  },
};

async function announceStarted(context: CliContext, ids: readonly string[]): Promise<void> {
  const session = await context.session();
  for (const id of ids) {
    const dispatch = session.read((reader) => getDispatch(reader, id));
    await announceDispatch(context, dispatch, 'spawned');
  }
}

const remove = command('dispatches.unqueue', {
  summary: 'Remove an agent from the queue without starting it.',
  exits: { 1: 'it is not queued' },
  around,
  text: 'removed',
});

export const DISPATCH_QUEUE_COMMANDS: readonly CliCommand[] = [list, start, remove];
