/** Starts, follows and ends all agents, for every caller (`docs/design/agents.md`). */
import { storedReason } from '../../kernel/errors/reasons/storedReasons';
import type { AgentKind } from '../../contract/agentKinds';
import type { AlteredFile } from '../../contract/results/records';
import { FileDigests } from '../../host/files/fileDigests';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch, DispatchProcess } from '../../kernel/dispatch/model';
import type { PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';
import { dispatchProcess, getDispatch } from '../../kernel/dispatch/service';
import type { Disposable } from '../../kernel/emitter';
import { KernelError } from '../../kernel/errors/errors';
import { dispatchId as dispatchIdSchema, ID_LENGTH, type DispatchId } from '../../kernel/ids';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { setQueuedProblem } from '../../kernel/queue/service';
import { changeBudget, hasRoom, type BudgetChanges } from './end/budgets';
import { storagesOf, type DispatcherDeps } from './context/deps';
import { Adoption, type AdoptionReport } from './adoption';
import { requested, AgentStarts } from './agentStarts';
import { FollowedAgents, type OutputEvent } from './follow/followedAgents';
import { foreignEnding } from './end/foreign';
import type { DispatchKernel } from '../record/dispatchKernel';
import { locateLog, type LogLocation } from './follow/logLocation';
import { isQueuedIn } from './start/queuedHere';
import type { DispatchRequest } from './context/dispatchRequest';
import { whenEnded, whileChecking } from './follow/exitWait';

export type { DispatcherDeps } from './context/deps';
export type { DispatchKernel } from '../record/dispatchKernel';
export type { DispatchRequest } from './context/dispatchRequest';
export type { AdoptionReport, LeftReason } from './adoption';
export type { OutputEvent } from './follow/followedAgents';

/** As the original stores it. */
const KILLED = storedReason('killed by user');

export class Dispatcher {
  private readonly digests = new FileDigests();
  private readonly agents: FollowedAgents;
  private readonly adoption: Adoption;
  private readonly starts: AgentStarts;

  constructor(private readonly deps: DispatcherDeps) {
    this.agents = new FollowedAgents(deps, (kernel, id) => this.adoption.checkAgain(kernel, id));
    this.adoption = new Adoption(deps, this.agents, (id) => this.starts.ids.includes(id));
    this.starts = new AgentStarts(deps, this.agents, this.adoption);
  }

  /** The folders with files of dispatches. */
  get storages(): readonly string[] {
    return storagesOf(this.deps);
  }

  /** The current agent kinds. */
  kinds(): readonly AgentKind[] {
    return this.deps.kinds();
  }

  /** Fires when the log of a followed dispatch has grown. */
  onDidOutput(listener: (event: OutputEvent) => void): Disposable {
    return this.agents.output.event(listener);
  }

  /** Fires when this window may be able to start a dispatch that it could not start before. */
  onDidMakeRoom(listener: () => void): Disposable {
    return this.agents.room.event(listener);
  }

  /**
   * Starts an agent and records it with the run's agent. Resolves when its process exists and is recorded.
   * @throws KernelError `UNTRUSTED`, `AGENT_KIND_UNKNOWN`, `AGENT_NOT_ALLOWED`, `AGENT_WIDER`, `TOO_MANY_DISPATCHES`,
   * `DISPATCH_LIMIT`, `RUN_BUDGET`, `PORTFOLIO_BUDGET`, what prevents reading the run's portfolio, `INVALID_ARGUMENT`,
   * `FILE_UNREADABLE`, `PATH_OUTSIDE`, `NOT_FOUND` for the run; `AGENT_NOT_STARTED`, whose dispatch is kept as failed;
   * `DISPATCH_FINISHED` if it was canceled meanwhile. @param id a new id, for a caller that has recorded the id before
   * the start. @param chosen the permission policy that a person chose in this start, which may widen the machine's
   */
  async start(
    kernel: DispatchKernel,
    request: DispatchRequest,
    id?: DispatchId,
    chosen?: PermissionPolicy,
  ): Promise<Dispatch> {
    this.refuseUntrusted('start agents');
    const own = id ?? dispatchIdSchema.parse(this.deps.ports.ids.newId(ID_LENGTH));
    return this.starts.start(kernel, request, own, chosen);
  }

  /**
   * Queues a dispatch until its limits allow it. `DispatchQueue` then starts it under the id that it has in the queue.
   * @throws KernelError `UNTRUSTED`, `AGENT_KIND_UNKNOWN`, `INVALID_ARGUMENT`, `FILE_UNREADABLE`; `NOT_FOUND` or
   * `RUN_TERMINAL` for the run
   */
  async queue(kernel: DispatchKernel, request: DispatchRequest): Promise<QueuedDispatch> {
    this.refuseUntrusted('queue agents');
    const wanted = await requested(request);
    await this.starts.refuseForbidden(kernel, wanted);
    const { putInQueue } = await import('./start/enqueue.js');
    return putInQueue(this.deps, kernel, wanted);
  }

  /** Removes a dispatch from the queue. @throws KernelError `UNTRUSTED`, `NOT_FOUND` */
  async unqueue(kernel: DispatchKernel, id: string): Promise<void> {
    this.refuseUntrusted('change the queue');
    const { takeFromQueue } = await import('./start/enqueue.js');
    await takeFromQueue(this.deps, kernel, id);
  }

  /**
   * Starts a queued dispatch, even out of turn. If several windows try, one succeeds. Concurrent callers in this window
   * share the result.
   * @throws KernelError `NOT_FOUND` if it is no longer in the queue, `RUN_TERMINAL`, and as `start`
   */
  async startQueued(kernel: DispatchKernel, id: string): Promise<Dispatch> {
    this.refuseUntrusted('start agents');
    return await this.starts.startQueued(kernel, id);
  }

  /**
   * Checks that agents of the request's kind may start here.
   * @throws KernelError `UNTRUSTED`, `AGENT_KIND_UNKNOWN`, `AGENT_NOT_ALLOWED`, `AGENT_WIDER`
   */
  async refuseForbidden(kernel: DispatchKernel, request: DispatchRequest): Promise<void> {
    this.refuseUntrusted('start agents');
    await this.starts.refuseForbidden(kernel, request);
  }

  /**
   * Checks that no limit holds the account of the kind's agents.
   * @throws KernelError `ACCOUNT_HELD`, `ACCOUNT_STOPPED`
   */
  async refuseHeldAccount(kindName: string): Promise<void> {
    const kind = this.deps.kinds().find(({ name }) => name === kindName);
    if (kind === undefined) return;
    const { refuseHeld } = await import('./context/accounts.js');
    await refuseHeld(this.deps, kind);
  }

  /** @throws KernelError `AGENT_NOT_INSTALLED`, `AGENT_NEEDS_PROGRAM`, `AGENT_NOT_STARTED` for programs that are missing */
  async refuseMissingPrograms(kindName: string): Promise<void> {
    const kind = this.deps.kinds().find(({ name }) => name === kindName);
    if (kind !== undefined) await (await import('./start/agentPrograms.js')).refuseMissing(this.deps, kind);
  }

  /** Whether the budgets in the run's own database have room for the request now. */
  hasRoom(kernel: DispatchKernel, request: DispatchRequest): boolean {
    const kind = this.deps.kinds().find(({ name }) => name === request.kind);
    // An unknown kind is reported when it is started.
    return kind === undefined || hasRoom(this.deps, kernel, kind, request);
  }

  /**
   * Changes a running dispatch's own budget; null removes the budget of a measure.
   * @throws KernelError `UNTRUSTED`, and as `setDispatchBudget` of the kernel
   */
  async setBudget(kernel: DispatchKernel, dispatchId: string, changes: BudgetChanges): Promise<void> {
    this.refuseUntrusted('change budgets');
    await changeBudget(this.deps, kernel, dispatchId, changes);
  }

  /** Checks budgets again after a budget, or the action at its limit, was changed elsewhere. */
  checkBudgets(): void {
    for (const kernel of this.agents.kernels) this.agents.budgets.checkSoon(kernel);
  }

  /** Whether a queued dispatch may be started without a person's request. */
  mayStartUnasked(queued: QueuedDispatch): boolean {
    return isQueuedIn(storagesOf(this.deps), queued);
  }

  /**
   * Allows a queued dispatch as a person has seen it; `DispatchQueue` then starts it.
   * @throws KernelError `UNTRUSTED`, `NOT_FOUND`, `RECORDED_ELSEWHERE`, `FILE_UNREADABLE`, `INVALID_ARGUMENT`
   */
  async allowQueued(kernel: DispatchKernel, shown: QueuedDispatch): Promise<void> {
    this.refuseUntrusted('start agents');
    const { takeOver } = await import('./start/enqueue.js');
    if (!this.mayStartUnasked(shown)) await takeOver(this.deps, kernel, shown);
    else if (shown.problem !== null) await kernel.write((u) => setQueuedProblem(u, shown.id, null));
  }

  /**
   * Ends the process and its children, and cancels the dispatch. A dispatch that has already ended keeps its ending,
   * but its process is still ended.
   * @throws KernelError `UNTRUSTED`, `NOT_FOUND`; `PROCESS_UNKNOWN` if the process is not known to be ours.
   */
  async kill(kernel: DispatchKernel, dispatchId: string, reason = KILLED): Promise<Dispatch> {
    this.refuseUntrusted('end agents');
    const { dispatch, process } = find(kernel, dispatchId);
    const { endAgent } = await import('./end/dispatchKill.js');
    await endAgent(this.deps, kernel, dispatch, process, reason);
    return kernel.read((r) => getDispatch(r, dispatch.id));
  }

  /**
   * Adopts every active dispatch of a project that this program does not follow, and from then on those that other
   * programs start there. Safe to repeat, also in several windows at once. Does nothing in an untrusted window.
   * @param onLater called each time that agents were adopted later
   */
  adopt(kernel: DispatchKernel, onLater?: () => void): Promise<AdoptionReport> {
    return this.adoption.adopt(kernel, onLater);
  }

  /**
   * Stores the endings that launchers left on disk for dispatches that this program does not follow. Adopts, ends and
   * signals nothing. Does nothing in an untrusted window.
   */
  recordEndings(kernel: DispatchKernel): Promise<void> {
    return this.adoption.recordEndings(kernel);
  }

  /** Resolves when the endings of agents that have ended are recorded, or after a time limit. */
  endingsRecorded(): Promise<void> {
    return this.agents.endings.recorded();
  }

  /** Whether this program follows the agent to its end. */
  isFollowed = (id: string): boolean => this.followed.some((known) => known === id);

  /** The agents that count against the limit of this program: those that it follows or starts. */
  get followed(): readonly DispatchId[] {
    return [...this.agents.ids, ...this.starts.ids];
  }

  /** Whether the project's agents from before are followed and counted. */
  hasTakenUp(kernel: DispatchKernel): boolean {
    return this.adoption.hasTakenUp(kernel);
  }

  /**
   * Checks one dispatch and stores its ending if its process is gone. A person requested it, so a row of another
   * program ends if no process has its pid (`docs/design/agents.md#progress-of-a-wrapper`).
   * @throws KernelError `NOT_FOUND`, and those of the write
   */
  async poll(kernel: DispatchKernel, dispatchId: string): Promise<Dispatch> {
    const { dispatch } = find(kernel, dispatchId);
    if (isActive(dispatch.status)) {
      const judgment = await this.adoption.recordEnding(kernel, dispatch);
      const isForeign = judgment.kind === 'otherProgram' || judgment.kind === 'elsewhere';
      const ending = isForeign ? await foreignEnding(dispatch, kernel.folder) : undefined;
      const { storeUnlessEnded } = await import('./end/settlement.js');
      if (ending !== undefined) await storeUnlessEnded(kernel, dispatch.id, ending);
    }
    return kernel.read((r) => getDispatch(r, dispatch.id));
  }

  /**
   * Resolves when the dispatch has ended in the record, by any program. Rejects with the signal's reason. A program
   * that has not adopted the project's agents polls this one, since no other program may record its ending.
   * @throws KernelError `NOT_FOUND`
   */
  async wait(kernel: DispatchKernel, dispatchId: string, signal?: AbortSignal): Promise<Dispatch> {
    if (this.hasTakenUp(kernel) || this.agents.has(find(kernel, dispatchId).dispatch.id)) {
      return await whenEnded(kernel, dispatchId, signal);
    }
    const check = async (): Promise<void> => {
      const { dispatch } = find(kernel, dispatchId);
      if (this.deps.canRun() && isActive(dispatch.status)) await this.adoption.recordEnding(kernel, dispatch);
    };
    return await whileChecking(check, this.deps.log, () => whenEnded(kernel, dispatchId, signal));
  }

  /** The location of the dispatch's output, if any. @throws KernelError `NOT_FOUND` */
  async logLocation(kernel: DispatchKernel, dispatchId: string): Promise<LogLocation> {
    return await locateLog(kernel, dispatchId, storagesOf(this.deps));
  }

  /**
   * Which of the dispatch's files were changed since they were written. @throws KernelError `NOT_FOUND`,
   * `FILE_UNREADABLE`
   */
  async alteredFiles(kernel: DispatchKernel, dispatchId: string): Promise<readonly AlteredFile[]> {
    const { dispatch } = find(kernel, dispatchId);
    const { alteredFiles } = await import('./start/alteredFiles.js');
    return await alteredFiles(storagesOf(this.deps), dispatch, (file) => this.digests.digestOf(file));
  }

  /** Stops following the agents of a project whose folder is closed. Agents continue. */
  async release(kernel: DispatchKernel): Promise<void> {
    this.adoption.release(kernel);
    await this.agents.release(kernel);
  }

  /** Stops following. Agents continue. */
  async dispose(): Promise<void> {
    this.agents.end();
    // A followed agent's kernel is already subscribed.
    const kernels = new Set([...this.agents.kernels, ...this.adoption.kernels]);
    await Promise.all([...kernels].map((kernel) => this.release(kernel)));
    this.agents.dispose();
  }

  private refuseUntrusted(action: string): void {
    if (!this.deps.canRun()) throw new KernelError('UNTRUSTED', { action });
  }
}

/** @throws KernelError `NOT_FOUND` */
function find(kernel: DispatchKernel, id: string): { dispatch: Dispatch; process: DispatchProcess | undefined } {
  return kernel.read((r) => ({ dispatch: getDispatch(r, id), process: dispatchProcess(r, id) }));
}
