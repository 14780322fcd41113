/** `ic events tail|cursor …`: the event stream and its readers' cursors (`docs/design/formats.md#events`). */
import { setTimeout as delay } from 'node:timers/promises';
import {
  eventChunks,
  listCursors,
  loadCursor,
  registerCursor,
  resetCursor,
  saveCursor,
} from '../../../kernel/events/service';
import { cursorAfter } from '../../../kernel/events/merge';
import { isKernelError } from '../../../kernel/errors/errors';
import { errorClassOf } from '../../../kernel/failure/errorClasses';
import { writeIds, writesAmong } from '../../../kernel/callers/writes';
import { getRun } from '../../../kernel/run/record/queries';
import { ZERO_CURSOR, type Cursor, type KernelEvent } from '../../../kernel/events/model';
import { defined } from '../../../kernel/defined';
import { UsageError } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { printList } from '../../command/longList';
import { present, type JsonValue } from '../../output/output';
import type { Session } from '../../command/session';
import { rfc3339 } from '../../grammar/timestamps';
import { durationOf, integerOf, positional, textOf } from '../../grammar/values';

const DEFAULT_LIMIT = 100;
const DEFAULT_POLL_MS = 500;

export function eventJson(event: KernelEvent): JsonValue {
  return {
    id: event.id,
    run_id: event.runId,
    source: event.source,
    type: event.type,
    from_state: event.fromState,
    to_state: event.toState,
    ...(event.reason === '' ? {} : { reason: event.reason }),
    timestamp: rfc3339(event.createdAt * 1000),
  };
}

const tail: CliCommand = {
  words: ['events', 'tail'],
  summary: 'Print the events of a run or of all runs, as JSON lines.',
  operands: '[<run>]',
  flags: [
    { name: 'all', doc: 'Events of all runs and of discoveries' },
    { name: 'follow', doc: 'Wait for more events', alias: '-f' },
    { name: 'since-phase', value: 'ID', doc: 'Only phase events after this id' },
    { name: 'since-dispatch', value: 'ID', doc: 'Only dispatch events after this id' },
    { name: 'since-discovery', value: 'ID', doc: 'Only discovery events after this id' },
    { name: 'limit', value: 'N', doc: `Events per check (${DEFAULT_LIMIT})` },
    { name: 'poll-interval', value: 'DURATION', doc: 'How often to check with --follow (500ms)' },
    { name: 'consumer', value: 'NAME', doc: 'Continue where this consumer stopped, and store its cursor' },
  ],
  async run(context) {
    const plan = tailPlan(context);
    const session = await context.session();
    let cursor = plan.start ?? startOf(session, plan);
    let saved = cursor;
    for (;;) {
      const chunks = eventChunks((work) => session.read<readonly KernelEvent[]>(work), {
        ...(plan.runId === undefined || plan.all ? {} : { runId: plan.runId }),
        since: cursor,
        limit: plan.limit,
      });
      let count = 0;
      for (const events of chunks) {
        for (const event of events) context.out.json(eventJson(event));
        // Events that no reader received do not count as read.
        if (!(await context.out.flush())) break;
        cursor = cursorAfter(cursor, events);
        count += events.length;
      }
      if (cursor !== saved && (await isRemembered(context, session, plan, cursor))) saved = cursor;
      if (!plan.follow) return EXIT.ok;
      if (count < plan.limit) await pause(plan.pollMs, context.stopped);
      if (context.stopped.aborted) return EXIT.ok;
      await session.refresh();
    }
  },
};

interface TailPlan {
  readonly runId: string | undefined;
  readonly all: boolean;
  readonly follow: boolean;
  readonly limit: number;
  readonly pollMs: number;
  readonly consumer: string | undefined;
  /** The cursor that the flags give; undefined if they give none. */
  readonly start: Cursor | undefined;
}

function tailPlan({ args, env }: CliContext): TailPlan {
  const all = args.switches.has('all');
  const runId = args.positionals[0] ?? (all ? undefined : env['INTERCORE_RUN_ID']);
  if (runId === undefined && !all) throw new UsageError('provide <run_id> or --all');
  const id = (name: string): number => integerOf(args, name, { min: 0, wanted: 'non-negative integer' }) ?? 0;
  const since: Cursor = {
    ...ZERO_CURSOR,
    phase: id('since-phase'),
    dispatch: id('since-dispatch'),
    discovery: id('since-discovery'),
  };
  const limit = integerOf(args, 'limit', { wanted: 'integer' }) ?? DEFAULT_LIMIT;
  const given = since.phase > 0 || since.dispatch > 0 || since.discovery > 0;
  const consumer = textOf(args, 'consumer');
  return {
    runId,
    all,
    follow: args.switches.has('follow'),
    limit: limit <= 0 ? 1000 : limit,
    pollMs: durationOf(args, 'poll-interval') ?? DEFAULT_POLL_MS,
    consumer,
    start: given || consumer === undefined ? since : undefined,
  };
}

function startOf(session: Session, plan: TailPlan): Cursor {
  const { consumer } = plan;
  return consumer === undefined ? ZERO_CURSOR : session.read((reader) => loadCursor(reader, consumer, plan.runId));
}

/** A follower continues if other processes keep the record busy: it stores its cursor at the next check. */
async function isRemembered(context: CliContext, session: Session, plan: TailPlan, cursor: Cursor): Promise<boolean> {
  try {
    await remember(session, plan, cursor);
    return true;
  } catch (error) {
    if (!plan.follow || !isKernelError(error) || errorClassOf(error) !== 'passes') throw error;
    context.out.note(`ic: events tail: the cursor is not stored yet: ${error.message}`);
    return false;
  }
}

async function remember(session: Session, plan: TailPlan, cursor: Cursor): Promise<void> {
  const { consumer } = plan;
  if (consumer !== undefined)
    await session.write((unit) => {
      saveCursor(unit, consumer, cursor, plan.runId);
    });
}

/** Waits, or returns at once when the process is asked to stop. */
async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stopped }).catch((error: unknown) => {
    if (!stopped.aborted) throw error;
  });
}

const writes: CliCommand = {
  words: ['events', 'writes'],
  summary: 'List who changed the record, with which operation and when, newest first.',
  operands: '[<run>]',
  strict: true,
  json: true,
  flags: [{ name: 'limit', value: 'N', doc: 'Maximum number of rows (1000)' }],
  exits: { 1: 'no such run' },
  async run(context) {
    const asked = context.args.positionals[0];
    const limit = integerOf(context.args, 'limit', { min: 1, wanted: 'positive integer' });
    return await printList(context, {
      keys: (reader) =>
        writeIds(reader, {
          ...(asked === undefined ? {} : { runId: getRun(reader, asked).id }),
          ...defined({ limit }),
        }),
      read: writesAmong,
      json: ({ id, caller, operation, runId, createdAt }) => ({
        id,
        caller,
        operation,
        created_at: createdAt,
        ...present({ run_id: runId }),
      }),
      fields: ({ createdAt, caller, operation, runId }) => [rfc3339(createdAt * 1000), caller, operation, runId],
    });
  },
};

const cursorList: CliCommand = {
  words: ['events', 'cursor', 'list'],
  summary: 'List the consumers and their cursors.',
  json: true,
  async run(context) {
    const session = await context.session();
    const cursors = session.read(listCursors);
    if (context.flags.json) context.out.map(cursors.map(({ scopeId, payload }) => ({ scope_id: scopeId, payload })));
    else for (const cursor of cursors) context.out.row(cursor.scopeId, cursor.payload);
    return EXIT.ok;
  },
};

const cursorReset: CliCommand = {
  words: ['events', 'cursor', 'reset'],
  summary: 'Delete the cursor of a consumer.',
  operands: '<consumer>',
  async run(context) {
    const name = positional(context.args, 0, context.usage);
    const session = await context.session();
    context.out.line((await session.write((unit) => resetCursor(unit, name))) ? 'reset' : 'not found');
    return EXIT.ok;
  },
};

const cursorRegister: CliCommand = {
  words: ['events', 'cursor', 'register'],
  summary: 'Register a consumer at the start of the stream.',
  operands: '<consumer>',
  flags: [{ name: 'durable', doc: 'Keep it forever instead of 24 hours' }],
  async run(context) {
    const name = positional(context.args, 0, context.usage);
    const durable = context.args.switches.has('durable');
    const session = await context.session();
    await session.write((unit) => {
      registerCursor(unit, name, { durable });
    });
    context.out.line(`registered ${name} (${durable ? 'durable' : 'ttl: 24h'})`);
    return EXIT.ok;
  },
};

export const EVENT_COMMANDS: readonly CliCommand[] = [tail, writes, cursorList, cursorReset, cursorRegister];
