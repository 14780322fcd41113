/**
 * `ic dispatch queue list|start|remove`: agents that wait because their portfolio allows no more
 * (`docs/design/portfolios.md#limits`).
 */
import { dispatchAround } from '../../../host/process/dispatchAround';
import { silentLog } from '../../../host/log';
import { getDispatch } from '../../../kernel/dispatch/service';
import { problemOf } from '../../../kernel/errors/errors';
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { listQueued } from '../../../kernel/queue/service';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { refuseForeignQueued } from '../../../services/dispatch/start/enqueue';
import type { CliCommand } from '../../command';
import { EXIT } from '../../command';
import { withDispatcher } from '../../dispatching/dispatcher';
import { announceDispatch } from '../../host/hooks';
import { LEFT_OUT } from '../../output/leftOut';
import { present, type JsonValue } from '../../output/output';
import { failureMap } from '../../stageFailureMap';
import { positional } from '../../grammar/values';

const list: CliCommand = {
  words: ['dispatch', 'queue', 'list'],
  summary: 'Agents that wait, the first in line first.',
  strict: true,
  json: true,
  exits: LEFT_OUT,
  async run(context) {
    const { flags, out } = context;
    const session = await context.session();
    const { queued, failures } = session.read((r) => ({ ...listQueued(r), failures: stageFailures(r) }));
    const failureOf = ({ id }: QueuedDispatch): StageFailure | undefined =>
      failures.find(({ stage, subject }) => stage === 'queue' && subject === id);
    if (flags.json) {
      out.map(queued.map((waiting) => queuedMap(waiting, failureOf(waiting))));
      return EXIT.ok;
    }
    for (const waiting of queued) {
      const { id, request, problem } = waiting;
      out.row(id, request.kind, request.name ?? '', problem ?? retryWords(failureOf(waiting)));
    }
    return EXIT.ok;
  },
};

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

const start: CliCommand = {
  words: ['dispatch', 'queue', 'start'],
  summary: 'Start the agents that ic has queued and that may start now, or one out of its turn.',
  strict: true,
  operands: '[<dispatch>]',
  json: true,
  exits: { 1: 'it is not in the queue, or the portfolio of its run allows no more' },
  async run(context) {
    const [id] = context.args.positionals;
    const session = await context.session();
    const ids = await withDispatcher(context, async (dispatcher) => {
      if (id !== undefined && dispatchAround(context.env) !== undefined) {
        refuseForeignQueued(dispatcher, session.kernel, id);
      }
      if (id !== undefined) return [(await dispatcher.startQueued(session.kernel, id)).id];
      const { startWaiting } = await import('../../../services/dispatch/queue/queueDrain.js');
      const { started, blocked } = await startWaiting(dispatcher, [session.kernel], silentLog);
      for (const { queued, error } of blocked) {
        context.out.message(`${context.name}: ${queued.id} is not started now: ${problemOf(error)}`);
      }
      return started;
    });
    if (context.flags.json) context.out.map(ids);
    else for (const started of ids) context.out.line(started);
    for (const started of ids) {
      await announceDispatch(
        context,
        session.read((reader) => getDispatch(reader, started)),
        'spawned',
      );
    }
    return EXIT.ok;
  },
};

const remove: CliCommand = {
  words: ['dispatch', 'queue', 'remove'],
  summary: 'Take an agent out of the queue; it is not started.',
  strict: true,
  operands: '<dispatch>',
  exits: { 1: 'it is not in the queue' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    await withDispatcher(context, (dispatcher) => dispatcher.unqueue(session.kernel, id));
    context.out.line('removed');
    return EXIT.ok;
  },
};

export const DISPATCH_QUEUE_COMMANDS: readonly CliCommand[] = [list, start, remove];
