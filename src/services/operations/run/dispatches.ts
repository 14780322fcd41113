/** Operations on dispatches. All agents go through one dispatcher (`docs/design/architecture.md#one-domain`). */
import path from 'node:path';
import { microsOf } from '../../../kernel/budget/amounts';
import { isActive } from '../../../kernel/dispatch/machine';
import { DISPATCH_LIST } from '../../../kernel/dispatch/longList';
import { getDispatch } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { promptText } from '../../../host/session/turns/promptBlocks';
import { getRun } from '../../../kernel/run/record/queries';
import { parserOf } from '../../../contract/agentKinds';
import type { OperationArgs } from '../../../contract/surfaces/api';
import { readLogLines } from '../../agents/logLines';
import { ownLog } from '../../dispatch/follow/logLocation';
import { refuseUnasked } from '../../dispatch/start/sessionStart';
import type { DispatchRequest } from '../../dispatch/dispatcher';
import type { ProjectKernel } from '../../record/kernels';
import type { OperationHost } from '../host';
import type { Implementation } from '../implementation';
import { readPage } from '../listPage';
import { defined } from '../../../kernel/defined';
import { readAttachments } from './attachments';
import type { queueOperations } from '../queue';
import type { handOverOperations } from './handOver';

type Elsewhere = keyof typeof queueOperations | keyof typeof handOverOperations;

export const dispatchOperations: Omit<Implementation<'dispatches'>, Elsewhere> = {
  'dispatches.list': async (host, { runId, active, status, from, limit }) => {
    const { kernel } = host;
    const { parts, nextFrom } = await readPage(
      kernel,
      { from, limit },
      {
        keys: (reader, page) =>
          DISPATCH_LIST.keys(reader, {
            ...(runId === undefined ? {} : { scopeId: getRun(reader, runId).scopeId ?? runId }),
            ...defined({ active, status }),
            page,
          }),
        read: DISPATCH_LIST.at,
      },
    );
    return {
      dispatches: parts.flatMap(({ sound }) => sound),
      invalid: parts.flatMap(({ invalid }) => invalid),
      nextFrom,
    };
  },
  'dispatches.get': ({ kernel }, where) => kernel.read((reader) => getDispatch(reader, where.dispatchId)),
  'dispatches.start': async (host, args) => {
    const { kernel } = host;
    const chosen = host.caller().kind === 'person' ? args.permissions : undefined;
    return await host.dispatcher.start(kernel, await requestOf(host, kernel, args), undefined, chosen);
  },
  'dispatches.queue': async (host, args) => {
    const { kernel } = host;
    return await host.dispatcher.queue(kernel, await requestOf(host, kernel, args));
  },
  'dispatches.kill': async (host, { reason, ...where }) => {
    const { kernel } = host;
    return await host.dispatcher.kill(kernel, where.dispatchId, reason);
  },
  'dispatches.wait': async (host, where) => {
    const { kernel } = host;
    return await host.dispatcher.wait(kernel, where.dispatchId);
  },
  'dispatches.logFile': async (host, where) => {
    const { kernel } = host;
    kernel.read((reader) => getDispatch(reader, where.dispatchId));
    return ownLog(await host.dispatcher.logLocation(kernel, where.dispatchId)) ?? null;
  },
  'dispatches.log': async (host, { fromLine = 1, limit = DEFAULT_LOG_LINES, ...where }) => {
    const { kernel } = host;
    // Read before the file, so that output written in between is not missed.
    const { agentType, status } = kernel.read((reader) => getDispatch(reader, where.dispatchId));
    const file = ownLog(await host.dispatcher.logLocation(kernel, where.dispatchId));
    const part = { fromLine, limit, hasEnded: !isActive(status) };
    const parser = parserOf(host.dispatcher.kinds(), agentType);
    if (file === undefined) return { lines: [], nextLine: fromLine, isComplete: part.hasEnded, altered: [] };
    const altered = await host.dispatcher.alteredFiles(kernel, where.dispatchId);
    return { ...(await readLogLines(file, parser, part)), altered };
  },
};

const DEFAULT_LOG_LINES = 1000;

/** @throws KernelError `INVALID_ARGUMENT`, `RUN_TERMINAL`, `NOT_FOUND`, `PATH_OUTSIDE`, `FILE_UNREADABLE` */
async function requestOf(
  host: OperationHost,
  kernel: ProjectKernel,
  args: OperationArgs<'dispatches.start'>,
): Promise<DispatchRequest> {
  const caller = host.caller();
  const minutes = args.timeLimitMinutes ?? host.setting('intercore.dispatch.timeLimitMinutes', kernel.folder);
  const kind = args.kind ?? (await host.defaultKind(kernel.folder)).kind;
  refuseUnasked(host.dispatcher.kinds(), [kind], args.permissions);
  return {
    kind,
    prompt: await promptOf(kernel, args),
    ...(args.runId === undefined ? {} : { runId: activeRun(kernel, args.runId) }),
    ...(caller.kind === 'dispatch' ? { parentId: caller.dispatchId } : {}),
    ...defined({ name: args.name, model: args.model, permissions: args.permissions }),
    ...(minutes === 0 ? {} : { timeLimitSec: minutes * 60 }),
    ...defined({ tokenBudget: args.tokenBudget }),
    ...(args.costBudgetUsd === undefined ? {} : { costBudget: microsOf(args.costBudgetUsd) }),
  };
}

async function promptOf(
  kernel: ProjectKernel,
  args: OperationArgs<'dispatches.start'>,
): Promise<DispatchRequest['prompt']> {
  const { prompt, promptFile, attachments = [] } = args;
  if (promptFile !== undefined && attachments.length > 0) {
    const problem = because('a prompt file has no attachments');
    throw new KernelError('INVALID_ARGUMENT', { argument: 'attachments', problem });
  }
  if (prompt !== undefined && promptFile === undefined) {
    return attachments.length === 0 ? prompt : promptText(prompt, await readAttachments(kernel.folder, attachments));
  }
  if (promptFile !== undefined && prompt === undefined) return { file: path.resolve(kernel.folder, promptFile) };
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'prompt',
    problem: because('give exactly one of prompt and promptFile'),
  });
}

/** An agent needs an active run: work for a finished run would not count. */
function activeRun(kernel: ProjectKernel, runId: string): string {
  const run = kernel.read((reader) => getRun(reader, runId));
  if (run.status === 'active') return run.id;
  throw new KernelError('RUN_TERMINAL', { runId: run.id, status: run.status });
}
