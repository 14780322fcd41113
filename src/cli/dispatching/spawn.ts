/** From the flags of `ic dispatch spawn` to a running agent (`docs/design/agents.md#starting`). */
import os from 'node:os';
import path from 'node:path';
import type { AgentKind } from '../../contract/agentKinds';
import { systemClock } from '../../host/clock';
import { dispatchAround } from '../../host/process/dispatchAround';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { findRun } from '../../kernel/run/record/queries';
import { kernelIn } from '../../services/record/dispatchKernel';
import { defined } from '../../kernel/defined';
import { linkOutput } from '../../services/dispatch/follow/outputLink';
import { refuseUnasked } from '../../services/dispatch/start/sessionStart';
import type { DispatchRequest } from '../../services/dispatch/dispatcher';
import type { CliContext } from '../command/command';
import type { Session } from '../command/session';
import { withDispatcher } from './dispatcher';
import { findWrapper, wrapperKind } from './wrapper';

/** How to start an agent. Undefined fields have defaults. */
export interface SpawnOrder {
  readonly agentType: string;
  readonly promptFile: string;
  /** Absolute. */
  readonly projectDir: string;
  readonly outputFile?: string | undefined;
  readonly name?: string | undefined;
  readonly model?: string | undefined;
  readonly sandbox?: string | undefined;
  readonly timeLimitSec?: number | undefined;
  readonly tokenBudget?: number | undefined;
  /** In micro-dollars. */
  readonly costBudget?: number | undefined;
  readonly permissions?: PermissionPolicy | undefined;
  readonly scopeId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly wrapper?: string | undefined;
  /** The agent of the run that the dispatch is for. */
  readonly agentId?: string | undefined;
}

/**
 * Starts the agent through the wrapper script if there is one, else as the agent kind of its type. The agent continues
 * when this process ends.
 * @throws KernelError as `Dispatcher.start`
 */
export async function spawnAgent(context: CliContext, session: Session, order: SpawnOrder): Promise<Dispatch> {
  const given = order.outputFile === undefined ? undefined : path.resolve(context.cwd, order.outputFile);
  const script = await findWrapper({ given: order.wrapper, cwd: context.cwd, env: context.env });
  const outputFile = given ?? (script === undefined ? undefined : defaultOutputFile(context.env, systemClock.nowMs()));
  const kind =
    script === undefined || outputFile === undefined ? undefined : wrapped(context, script, outputFile, order);
  return withDispatcher(
    context,
    async (dispatcher) => {
      const kernel = kernelIn(session.kernel, order.projectDir);
      // A person in a shell chooses it with the flag; an agent only narrows.
      const chosen = dispatchAround(context.env) === undefined ? order.permissions : undefined;
      refuseUnasked(dispatcher.kinds(), [order.agentType], order.permissions);
      const request = requestOf(session, context, order, outputFile);
      const dispatch = await dispatcher.start(kernel, request, undefined, chosen);
      if (kind === undefined && outputFile !== undefined) {
        await linkOutput(await dispatcher.logLocation(kernel, dispatch.id), outputFile);
      }
      return dispatch;
    },
    kind === undefined ? [] : [kind],
  );
}

/**
 * Queues the agent until its limits allow it to start.
 * @throws KernelError as `Dispatcher.queue`; `INVALID_ARGUMENT` with a wrapper script, because the program that starts
 * queued agents has no wrapper
 */
export async function queueAgent(context: CliContext, session: Session, order: SpawnOrder): Promise<QueuedDispatch> {
  const script = await findWrapper({ given: order.wrapper, cwd: context.cwd, env: context.env });
  if (script !== undefined) {
    const problem = because('agents that are started by {script} cannot be queued', { script });
    throw new KernelError('INVALID_ARGUMENT', { argument: 'queue', problem });
  }
  const outputFile = order.outputFile === undefined ? undefined : path.resolve(context.cwd, order.outputFile);
  return withDispatcher(context, (dispatcher) => {
    refuseUnasked(dispatcher.kinds(), [order.agentType], order.permissions);
    return dispatcher.queue(kernelIn(session.kernel, order.projectDir), requestOf(session, context, order, outputFile));
  });
}

function wrapped(context: CliContext, script: string, outputFile: string, order: SpawnOrder): AgentKind {
  const { agentType, name, model, timeLimitSec } = order;
  return wrapperKind(script, {
    agentType,
    outputFile,
    name,
    model,
    timeLimitSec,
    passEnv: Object.keys(context.env).filter((variable) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)),
  });
}

function requestOf(
  session: Session,
  context: CliContext,
  order: SpawnOrder,
  outputFile: string | undefined,
): DispatchRequest {
  const { agentType, promptFile, name, model, sandbox, timeLimitSec, scopeId, parentId, agentId } = order;
  const { tokenBudget, costBudget, permissions } = order;
  const ofRun = scopeId !== undefined && session.read((reader) => findRun(reader, scopeId)) !== undefined;
  return {
    kind: agentType,
    prompt: { file: path.resolve(context.cwd, promptFile) },
    agent: agentId === undefined ? 'none' : { id: agentId },
    ...(scopeId === undefined ? {} : ofRun ? { runId: scopeId } : { scopeId }),
    ...defined({ name, model, sandbox, timeLimitSec, parentId, tokenBudget, costBudget, outputFile, permissions }),
  };
}

/** The original's default folder for output. */
function defaultOutputFile(env: Readonly<Record<string, string | undefined>>, nowMs: number): string {
  const folder = env['TMPDIR'] ?? os.tmpdir();
  const nanoseconds = `${nowMs}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}`;
  return path.join(folder, `ic-dispatch-${nanoseconds}.md`);
}
