/** Starts agents, at once or from the queue, within the limits of this program. */
import { findKind } from '../agents/builtInKinds';
import { storagesOf, type DispatcherDeps } from './context/deps';
import type { DispatchRequest } from './context/dispatchRequest';
import type { Adoption } from './adoption';
import type { FollowedAgents } from './follow/followedAgents';
import type { Start } from './start/dispatchStart';
import { locateLog } from './follow/logLocation';
import { linkOutput } from './follow/outputLink';
import type { Dispatch } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors/errors';
import type { DispatchId } from '../../kernel/ids';
import type { PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';
import { parseInput } from '../../kernel/input';
import { QUEUED } from '../../kernel/queue/service';
import { kernelIn, type DispatchKernel } from '../record/dispatchKernel';

export class AgentStarts {
  private readonly starting = new Set<DispatchId>();
  private readonly queuedStarts = new Map<string, Promise<Dispatch>>();

  constructor(
    private readonly deps: DispatcherDeps,
    private readonly agents: FollowedAgents,
    private readonly adoption: Adoption,
  ) {}

  /** The dispatches that this program is starting. */
  get ids(): readonly DispatchId[] {
    return [...this.starting];
  }

  /** As `Dispatcher.start`. */
  async start(
    kernel: DispatchKernel,
    request: DispatchRequest,
    id: DispatchId,
    chosen?: PermissionPolicy,
  ): Promise<Dispatch> {
    const wanted = await requested(request);
    await this.refuseForbidden(kernel, wanted);
    return this.startAs({ id, isQueued: false, chosen }, kernel, wanted);
  }

  /** As `Dispatcher.startQueued`. */
  async startQueued(kernel: DispatchKernel, id: string): Promise<Dispatch> {
    const underWay = this.queuedStarts.get(id);
    if (underWay !== undefined) return underWay;
    const start = this.startFromQueue(kernel, id);
    this.queuedStarts.set(id, start);
    try {
      return await start;
    } finally {
      this.queuedStarts.delete(id);
    }
  }

  /** @throws KernelError `AGENT_KIND_UNKNOWN`, `AGENT_NOT_ALLOWED`, `AGENT_WIDER` */
  async refuseForbidden(kernel: DispatchKernel, request: DispatchRequest): Promise<void> {
    const kind = findKind(this.deps.kinds(), request.kind);
    const { sandboxInForce } = await import('./start/request.js');
    await this.deps.mayStart(kernel, { kind, sandbox: sandboxInForce(kind, request) ?? 'none' });
  }

  private async startFromQueue(kernel: DispatchKernel, id: string): Promise<Dispatch> {
    const { forgetPrompt, nextInLine, refuseElsewhere } = await import('./start/enqueue.js');
    const queued = nextInLine(kernel, id);
    await refuseElsewhere(this.deps, kernel, queued);
    const { queuedRequest } = await import('./context/dispatchRequest.js');
    const wanted = parseInput(queuedRequest, queued.request, 'dispatch');
    const place = kernelIn(kernel, queued.projectDir);
    await this.refuseForbidden(kernel, wanted).catch(async (error: unknown) => {
      // A portfolio record has no folder of its own, so consent for the agent's folder applies.
      if (place === kernel || !KernelError.is(error, 'AGENT_NOT_ALLOWED')) throw error;
      await this.refuseForbidden(place, wanted);
    });
    const dispatch = await this.startAs({ id: queued.id, isQueued: true }, place, wanted);
    if (wanted.outputFile !== undefined) {
      const log = await locateLog(kernel, dispatch.id, storagesOf(this.deps));
      await linkOutput(log, wanted.outputFile);
    }
    await forgetPrompt(this.deps, dispatch.id, dispatch.promptFile ?? undefined);
    return dispatch;
  }

  private async startAs(
    { id, isQueued, chosen }: Pick<Start, 'id' | 'isQueued' | 'chosen'>,
    kernel: DispatchKernel,
    request: DispatchRequest,
  ): Promise<Dispatch> {
    const kind = findKind(this.deps.kinds(), request.kind);
    if (this.starting.has(id)) throw new KernelError('NOT_FOUND', { what: QUEUED, id });
    this.refuseBeyondLimit();
    this.starting.add(id);
    try {
      const { refuseHeld } = await import('./context/accounts.js');
      await refuseHeld(this.deps, kind);
      const { startAgent } = await import('./start/dispatchStart.js');
      const { dispatch, live } = await startAgent(this.deps, {
        kernel,
        id,
        kind,
        request,
        isQueued,
        chosen,
      });
      if (this.deps.leavesAgents !== true) await this.agents.follow(live);
      this.deps.log.info('dispatch started', { id, kind: kind.name, pid: live.launcher.pid });
      return dispatch;
    } catch (error) {
      this.adoption.checkAgain(kernel, id);
      throw error;
    } finally {
      this.starting.delete(id);
      // The queue continues with the next dispatch anyway.
      if (!isQueued && !this.agents.has(id)) this.agents.room.fire();
    }
  }

  private refuseBeyondLimit(): void {
    const limit = this.deps.maxConcurrent?.() ?? 0;
    const active = this.agents.ids.length + this.starting.size;
    if (limit > 0 && active >= limit) throw new KernelError('TOO_MANY_DISPATCHES', { active, limit });
  }
}

/** @throws KernelError `INVALID_ARGUMENT` */
export async function requested(request: unknown): Promise<DispatchRequest> {
  const { dispatchRequest } = await import('./context/dispatchRequest.js');
  return parseInput(dispatchRequest, request, 'dispatch');
}
