/**
 * `ic dispatch spawn|poll|wait|kill`: agents' processes, started and ended by the dispatcher (`docs/design/agents.md`).
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../host/clock';
import { isLimit } from '../../../kernel/dispatch/limit';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { getDispatch } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import { recordEnding } from '../../../services/dispatch/end/dispatchEnding';
import type { Dispatcher } from '../../../services/dispatch/dispatcher';
import { PERMISSION_POLICIES, type PermissionPolicy } from '../../../kernel/dispatch/permissionPolicy';
import { UsageError, type ParsedArgs } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { withDispatcher } from '../../dispatching/dispatcher';
import { printDispatch } from '../../dispatching/print';
import { recordWrapperProgress } from '../../dispatching/progress';
import { queueAgent, spawnAgent, type SpawnOrder } from '../../dispatching/spawn';
import { messageOf } from '../../command/failures';
import { announceDispatch } from '../../dispatching/hooks';
import type { Session } from '../../command/session';
import { oneLine } from '../../output/oneLine';
import { durationOf, integerOf, microsIn, positional, textOf } from '../../grammar/values';

const DEFAULT_POLL_MS = 2000;

const spawn: CliCommand = {
  words: ['dispatch', 'spawn'],
  summary: 'Start an agent and record it. The command returns while the agent works.',
  strict: true,
  json: true,
  timeout: 'Time limit of the agent, in whole seconds (none)',
  flags: [
    { name: 'type', value: 'KIND', doc: 'Agent kind, see agent list (codex); any name with a wrapper' },
    { name: 'prompt-file', value: 'FILE', doc: 'File with the prompt', isRequired: true },
    { name: 'project', value: 'DIR', doc: 'Folder that it works in (the current directory)' },
    { name: 'output', value: 'FILE', doc: 'File for its output' },
    { name: 'name', value: 'NAME', doc: 'Name of the dispatch' },
    { name: 'model', value: 'MODEL', doc: 'Model to use' },
    { name: 'sandbox', value: 'SANDBOX', doc: "Sandbox mode (the kind's own; workspace-write with a wrapper)" },
    { name: 'scope-id', value: 'RUN', doc: 'The run that it works for, or another scope (INTERCORE_RUN_ID)' },
    { name: 'parent-id', value: 'DISPATCH', doc: 'The dispatch that starts it (INTERCORE_DISPATCH_ID)' },
    { name: 'dispatch-sh', value: 'FILE', doc: 'Wrapper script that starts the agent' },
    { name: 'token-budget', value: 'N', doc: 'Tokens that it may use; reserved before it starts' },
    { name: 'cost-budget-usd', value: 'USD', doc: 'US dollars that it may cost; reserved before it starts' },
    {
      name: 'permissions',
      value: 'POLICY',
      doc: `Permission policy in a session: ${PERMISSION_POLICIES.join(', ')} (freeInside)`,
    },
    { name: 'queue', doc: 'Queue it if the limit of the portfolio is reached; see dispatch queue' },
  ],
  exits: { 1: 'the limit of the portfolio or the budget of the run is reached', 2: 'the agent could not be started' },
  examples: ['ic dispatch spawn --type=claude --prompt-file=task.md --scope-id=RUN'],
  async run(context) {
    const { args, cwd, env, flags, out } = context;
    const promptFile = textOf(args, 'prompt-file');
    if (promptFile === undefined) throw new UsageError('--prompt-file is required');
    const session = await context.session();
    const order: SpawnOrder = {
      agentType: textOf(args, 'type') ?? 'codex',
      promptFile,
      projectDir: path.resolve(cwd, textOf(args, 'project') ?? '.'),
      outputFile: textOf(args, 'output'),
      name: textOf(args, 'name'),
      model: textOf(args, 'model'),
      sandbox: textOf(args, 'sandbox'),
      timeLimitSec: flags.limitMs === undefined ? undefined : Math.ceil(flags.limitMs / 1000),
      scopeId: textOf(args, 'scope-id') ?? env['INTERCORE_RUN_ID'],
      parentId: textOf(args, 'parent-id') ?? env['INTERCORE_DISPATCH_ID'],
      wrapper: textOf(args, 'dispatch-sh'),
      tokenBudget: integerOf(args, 'token-budget', { min: 1, wanted: 'positive integer' }),
      costBudget: microsIn(args, 'cost-budget-usd'),
      permissions: policyIn(args),
    };
    let dispatch: Dispatch;
    try {
      dispatch = await spawnAgent(context, session, order);
    } catch (error) {
      if (!args.switches.has('queue') || !isLimit(error)) throw error;
      await queueInstead(context, session, order, error);
      return EXIT.ok;
    }
    if (flags.json) out.map({ id: dispatch.id, pid: dispatch.pid });
    else out.line(dispatch.id);
    await announceDispatch(context, dispatch, 'spawned');
    return EXIT.ok;
  },
};

/** @throws UsageError */
function policyIn(args: ParsedArgs): PermissionPolicy | undefined {
  const text = textOf(args, 'permissions');
  const policy = PERMISSION_POLICIES.find((known) => known === text);
  if (text === undefined || policy !== undefined) return policy;
  throw new UsageError(`invalid permissions "${text}": ${PERMISSION_POLICIES.join(', ')}`);
}

async function queueInstead(
  context: CliContext,
  session: Session,
  order: SpawnOrder,
  refusal: KernelError,
): Promise<void> {
  const { out, flags } = context;
  const queued = await queueAgent(context, session, order);
  out.note(`[queue] ${messageOf(refusal)}`);
  if (flags.json) out.map({ id: queued.id, queued: true });
  else out.line(queued.id);
}

const poll: CliCommand = {
  words: ['dispatch', 'poll'],
  summary: 'Check the process of a dispatch, and record its ending if it has ended.',
  operands: '<dispatch>',
  json: true,
  exits: { 1: 'no such dispatch' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const before = session.read((reader) => getDispatch(reader, id));
    const dispatch = await withDispatcher(context, (dispatcher) => look(context, dispatcher, session, id));
    printDispatch(context, dispatch);
    await announceDispatch(context, dispatch, before.status);
    return EXIT.ok;
  },
};

/** The current state of the dispatch, with the progress that a wrapper reports. */
async function look(
  { env }: Pick<CliContext, 'env'>,
  dispatcher: Dispatcher,
  session: Session,
  id: string,
): Promise<Dispatch> {
  const dispatch = await dispatcher.poll(session.kernel, id);
  if (!isActive(dispatch.status)) return dispatch;
  await recordWrapperProgress(session, dispatch, env);
  return session.read((reader) => getDispatch(reader, id));
}

const wait: CliCommand = {
  words: ['dispatch', 'wait'],
  summary: 'Wait until a dispatch has ended.',
  operands: '<dispatch>',
  json: true,
  timeout: 'How long to wait before the agent is ended (forever)',
  flags: [{ name: 'poll', value: 'DURATION', doc: 'How often to check (2s)' }],
  exits: { 1: 'it failed or ran out of time, or no such dispatch', 2: 'the wait was interrupted' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const pollMs = durationOf(context.args, 'poll') ?? DEFAULT_POLL_MS;
    const session = await context.session();
    const before = session.read((reader) => getDispatch(reader, id));
    const dispatch = await withDispatcher(context, (dispatcher) =>
      untilEnded(context, dispatcher, session, { id, pollMs: pollMs <= 0 ? DEFAULT_POLL_MS : pollMs }),
    );
    printDispatch(context, dispatch);
    await announceDispatch(context, dispatch, before.status);
    if (isActive(dispatch.status)) return EXIT.failure;
    return dispatch.status === 'failed' || dispatch.status === 'timeout' ? EXIT.negative : EXIT.ok;
  },
};

async function untilEnded(
  context: CliContext,
  dispatcher: Dispatcher,
  session: Session,
  { id, pollMs }: { readonly id: string; readonly pollMs: number },
): Promise<Dispatch> {
  const { flags, stopped } = context;
  const deadlineMs = flags.limitMs === undefined ? Infinity : systemClock.nowMs() + flags.limitMs;
  for (;;) {
    const dispatch = await look(context, dispatcher, session, id);
    if (!isActive(dispatch.status) || stopped.aborted) return dispatch;
    const leftMs = deadlineMs - systemClock.nowMs();
    if (leftMs <= 0) return endLate(dispatcher, session, dispatch);
    await pause(Math.min(pollMs, leftMs), stopped);
    await session.refresh();
  }
}

/** Records the timeout first, so that the end of the process changes nothing. */
async function endLate(dispatcher: Dispatcher, session: Session, { id }: Dispatch): Promise<Dispatch> {
  try {
    await session.write((unit) => {
      recordEnding(unit, id, { status: 'timeout', errorMessage: 'timeout waiting for dispatch' });
    });
  } catch (error) {
    if (!KernelError.is(error, 'DISPATCH_FINISHED')) throw error;
  }
  return dispatcher.kill(session.kernel, id);
}

async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stopped }).catch((error: unknown) => {
    if (!stopped.aborted) throw error;
  });
}

const kill: CliCommand = {
  words: ['dispatch', 'kill'],
  summary: 'End an agent and all processes that it started.',
  operands: '<dispatch>',
  exits: { 1: 'no such dispatch', 2: 'the process may not be that of the agent' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const before = session.read((reader) => getDispatch(reader, id));
    const dispatch = await withDispatcher(context, (dispatcher) => dispatcher.kill(session.kernel, id));
    // The original prints this for an ended dispatch, too.
    context.out.line('killed');
    if (!isActive(before.status)) context.out.message(`${context.name}: ${endedWords(before)}`);
    await announceDispatch(context, dispatch, before.status);
    return EXIT.ok;
  },
};

function endedWords({ id, status, completedAt, errorMessage }: Dispatch): string {
  const at = completedAt === null ? '' : ` at ${new Date(completedAt * 1000).toISOString()}`;
  const reason = errorMessage === null ? '' : `: ${oneLine(errorMessage)}`;
  return `dispatch ${id} had already ended${at}, ${status}${reason}`;
}

export const DISPATCH_COMMANDS: readonly CliCommand[] = [spawn, poll, wait, kill];
