/** Starts, follows and ends all agents, for every caller (`docs/design/agents.md`). */
import type { AgentKind } from '../../contract/agentKinds';
import type { AlteredFile } from '../../contract/results/records';
import { FileDigests } from '../../host/files/fileDigests';
import type { Change } from '../../kernel/change';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch, DispatchProcess } from '../../kernel/dispatch/model';
import { activeDispatches, dispatchProcess, findDispatch, getDispatch } from '../../kernel/dispatch/service';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { KernelError } from '../../kernel/errors/errors';
import { dispatchId as dispatchIdSchema, ID_LENGTH, type DispatchId } from '../../kernel/ids';
import { parseInput } from '../../kernel/input';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { QUEUED, setQueuedProblem } from '../../kernel/queue/service';
import { findKind } from '../agents/builtInKinds';
import { BudgetWatch, changeBudget, hasRoom, type BudgetChanges } from './end/budgets';
import { graceMsOf, storagesOf, type DispatcherDeps } from './context/deps';
import type { Follower, LiveDispatch } from './follow/follower';
import { foreignEnding } from './end/foreign';
import { judge, STARTING_SECONDS, type Judgment, type Living } from './follow/judgment';
import { kernelIn, type DispatchKernel } from '../record/dispatchKernel';
import { logLocationOf, type LogLocation } from './follow/logLocation';
import { linkOutput } from './follow/outputLink';
import { PendingEndings } from './end/pendingEndings';
import { isQueuedIn } from './start/queuedHere';
import type { DispatchRequest } from './context/dispatchRequest';
import { whenEnded, whileChecking } from './follow/exitWait';
import { jobFailed } from '../failures/jobFailed';

export type { DispatcherDeps } from './context/deps';
export type { DispatchKernel } from '../record/dispatchKernel';
export type { DispatchRequest } from './context/dispatchRequest';

export interface OutputEvent {
  readonly dispatchId: DispatchId;
  /** The log, which has grown. */
  readonly file: string;
}

export type LeftReason = 'starting' | 'otherMachine' | 'otherProgram' | 'elsewhere' | 'unreadable';

export interface AdoptionReport {
  /** Running, and followed from now on. */
  readonly adopted: readonly DispatchId[];
  /** Its process is gone, and its ending is recorded. */
  readonly settled: readonly DispatchId[];
  /** Not judged by us, or not yet. */
  readonly left: readonly { readonly dispatchId: DispatchId; readonly why: LeftReason }[];
}

/** As the original stores it. */
const KILLED = 'killed by user';
/** The delay before a dispatch that could not be adopted is checked again. */
const LATER_MS = (STARTING_SECONDS + 1) * 1000;

export class Dispatcher {
  private readonly followed = new Map<DispatchId, { kernel: DispatchKernel; follower: Follower }>();
  private readonly starting = new Set<DispatchId>();
  private readonly queuedStarts = new Map<string, Promise<Dispatch>>();
  private readonly takenUp = new WeakSet<DispatchKernel>();
  private readonly subscriptions = new Map<DispatchKernel, Disposable>();
  private readonly laterLooks = new Map<DispatchKernel, NodeJS.Timeout>();
  private readonly output: Emitter<OutputEvent>;
  private readonly room: Emitter<void>;
  private readonly digests = new FileDigests();
  private readonly budgets: BudgetWatch;
  private readonly endings = new PendingEndings();
  private disposed = false;

  constructor(private readonly deps: DispatcherDeps) {
    const onError = (error: unknown): void => deps.log.error('listener failed', { error });
    this.output = new Emitter(onError);
    this.room = new Emitter(onError);
    this.budgets = new BudgetWatch(deps, (kernel) =>
      [...this.followed].filter(([, each]) => each.kernel === kernel).map(([id]) => id),
    );
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
    return this.output.event(listener);
  }

  /** Fires when this window may be able to start a dispatch that it could not start before. */
  onDidMakeRoom(listener: () => void): Disposable {
    return this.room.event(listener);
  }

  /**
   * Starts an agent and records it with the run's agent. Resolves when its process exists and is recorded.
   * @throws KernelError `UNTRUSTED`, `AGENT_KIND_UNKNOWN`, `AGENT_NOT_ALLOWED`, `AGENT_WIDER`, `TOO_MANY_DISPATCHES`,
   * `DISPATCH_LIMIT`, `RUN_BUDGET`, `PORTFOLIO_BUDGET`, what prevents reading the run's portfolio, `INVALID_ARGUMENT`,
   * `FILE_UNREADABLE`, `PATH_OUTSIDE`, `NOT_FOUND` for the run; `AGENT_NOT_STARTED`, whose dispatch is kept as failed;
   * `DISPATCH_FINISHED` if it was canceled meanwhile. @param id a new id, for a caller that has recorded the id before
   * the start
   */
  async start(kernel: DispatchKernel, request: DispatchRequest, id?: DispatchId): Promise<Dispatch> {
    this.refuseUntrusted('start agents');
    const own = id ?? dispatchIdSchema.parse(this.deps.ports.ids.newId(ID_LENGTH));
    const wanted = await requested(request);
    await this.refuseForbidden(kernel, wanted);
    return this.startAs({ id: own, isQueued: false }, kernel, wanted);
  }

  /**
   * Queues a dispatch until its limits allow it. `DispatchQueue` then starts it under the id that it has in the queue.
   * @throws KernelError `UNTRUSTED`, `AGENT_KIND_UNKNOWN`, `INVALID_ARGUMENT`, `FILE_UNREADABLE`; `NOT_FOUND` or
   * `RUN_TERMINAL` for the run
   */
  async queue(kernel: DispatchKernel, request: DispatchRequest): Promise<QueuedDispatch> {
    this.refuseUntrusted('queue agents');
    const wanted = await requested(request);
    await this.refuseForbidden(kernel, wanted);
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
    for (const kernel of this.subscriptions.keys()) this.budgets.checkSoon(kernel);
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
   * Adopts every active dispatch of a project that this program does not follow: on activation, and after the database
   * was loaded. Safe to repeat, also in several windows at once. Does nothing in an untrusted window.
   */
  async adopt(kernel: DispatchKernel): Promise<AdoptionReport> {
    try {
      const report = await this.adoptAll(kernel);
      await this.noteAdopted(kernel, '');
      return report;
    } catch (error) {
      await this.noteAdopted(kernel, '', { error });
      throw error;
    }
  }

  private async adoptAll(kernel: DispatchKernel): Promise<AdoptionReport> {
    await this.deps.findStorages?.().catch((error: unknown) => {
      this.deps.log.warn('storage of other programs not read', { error });
    });
    const adopted: DispatchId[] = [];
    const settled: DispatchId[] = [];
    const left: { dispatchId: DispatchId; why: LeftReason }[] = [];
    const active = this.deps.canRun() ? kernel.read((r) => activeDispatches(r)) : [];
    for (const dispatch of active) {
      const { id } = dispatch;
      if (this.disposed || this.followed.has(id) || this.starting.has(id)) continue;
      const outcome = await this.takeUp(kernel, dispatch);
      if (outcome === 'alive') adopted.push(id);
      else if (outcome === 'ended') settled.push(id);
      else left.push({ dispatchId: id, why: outcome });
    }
    if (left.some(({ why }) => why === 'starting')) this.checkLater(kernel);
    if (this.deps.canRun()) this.takenUp.add(kernel);
    this.room.fire();
    return { adopted, settled, left };
  }

  /**
   * Stores the endings that launchers left on disk for dispatches that this program does not follow. Adopts, ends and
   * signals nothing. Does nothing in an untrusted window.
   */
  async recordEndings(kernel: DispatchKernel): Promise<void> {
    const active = this.deps.canRun() ? kernel.read((r) => activeDispatches(r)) : [];
    for (const dispatch of active) {
      if (this.disposed || this.followed.has(dispatch.id) || this.starting.has(dispatch.id)) continue;
      try {
        await this.recordEnding(kernel, dispatch, ({ isRecorded }) => isRecorded);
      } catch (error) {
        this.deps.log.warn('ending not stored', { id: dispatch.id, error });
      }
    }
  }

  /** Resolves when the endings of agents that have ended are recorded, or after a time limit. */
  endingsRecorded(): Promise<void> {
    return this.endings.recorded();
  }

  /** Whether this program follows the agent to its end. */
  isFollowed(id: string): boolean {
    return [...this.followed.keys(), ...this.starting].some((known) => known === id);
  }

  /** Whether the project's agents from before are followed and counted. */
  hasTakenUp(kernel: DispatchKernel): boolean {
    return this.takenUp.has(kernel);
  }

  /**
   * Checks one dispatch and stores its ending if its process is gone. A person requested it, so a row of another
   * program ends if no process has its pid (`docs/design/agents.md#progress-of-a-wrapper`).
   * @throws KernelError `NOT_FOUND`, and those of the write
   */
  async poll(kernel: DispatchKernel, dispatchId: string): Promise<Dispatch> {
    const { dispatch } = find(kernel, dispatchId);
    if (isActive(dispatch.status)) {
      const judgment = await this.recordEnding(kernel, dispatch);
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
    if (this.takenUp.has(kernel) || this.followed.has(find(kernel, dispatchId).dispatch.id)) {
      return await whenEnded(kernel, dispatchId, signal);
    }
    const check = async (): Promise<void> => {
      const { dispatch } = find(kernel, dispatchId);
      if (this.deps.canRun() && isActive(dispatch.status)) await this.recordEnding(kernel, dispatch);
    };
    return await whileChecking(check, this.deps.log, () => whenEnded(kernel, dispatchId, signal));
  }

  /** The location of the dispatch's output, if any. @throws KernelError `NOT_FOUND` */
  async logLocation(kernel: DispatchKernel, dispatchId: string): Promise<LogLocation> {
    const { dispatch, process } = find(kernel, dispatchId);
    return await logLocationOf(dispatch, process, storagesOf(this.deps));
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
    this.subscriptions.get(kernel)?.dispose();
    this.subscriptions.delete(kernel);
    this.budgets.release(kernel);
    clearTimeout(this.laterLooks.get(kernel));
    this.laterLooks.delete(kernel);
    const own = [...this.followed.values()].filter((follower) => follower.kernel === kernel);
    await Promise.all(own.map(({ follower }) => follower.dispose()));
  }

  /** Stops following. Agents continue. */
  async dispose(): Promise<void> {
    this.disposed = true;
    // A followed agent's kernel is already subscribed.
    const kernels = new Set([...this.subscriptions.keys(), ...this.laterLooks.keys()]);
    await Promise.all([...kernels].map((kernel) => this.release(kernel)));
    this.output.dispose();
    this.room.dispose();
  }

  private async refuseForbidden(kernel: DispatchKernel, request: DispatchRequest): Promise<void> {
    const kind = findKind(this.deps.kinds(), request.kind);
    const { sandboxInForce } = await import('./start/request.js');
    await this.deps.mayStart(kernel, { kind, sandbox: sandboxInForce(kind, request) ?? 'none' });
  }

  private async startFromQueue(kernel: DispatchKernel, id: string): Promise<Dispatch> {
    const { forgetPrompt, nextInLine, refuseElsewhere } = await import('./start/enqueue.js');
    const queued = nextInLine(kernel, id);
    await refuseElsewhere(this.deps, kernel, queued);
    const wanted = await requested(queued.request);
    const place = kernelIn(kernel, queued.projectDir);
    await this.refuseForbidden(kernel, wanted).catch(async (error: unknown) => {
      // A portfolio record has no folder of its own, so consent for the agent's folder applies.
      if (place === kernel || !KernelError.is(error, 'AGENT_NOT_ALLOWED')) throw error;
      await this.refuseForbidden(place, wanted);
    });
    const dispatch = await this.startAs({ id: queued.id, isQueued: true }, place, wanted);
    if (wanted.outputFile !== undefined)
      await linkOutput(await this.logLocation(kernel, dispatch.id), wanted.outputFile);
    await forgetPrompt(this.deps, dispatch.id, dispatch.promptFile ?? undefined);
    return dispatch;
  }

  private async startAs(
    { id, isQueued }: { readonly id: DispatchId; readonly isQueued: boolean },
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
      });
      if (this.deps.leavesAgents !== true) await this.follow(live);
      this.deps.log.info('dispatch started', { id, kind: kind.name, pid: live.launcher.pid });
      return dispatch;
    } catch (error) {
      this.checkAgain(kernel, id);
      throw error;
    } finally {
      this.starting.delete(id);
      // The queue continues with the next dispatch anyway.
      if (!isQueued && !this.followed.has(id)) this.room.fire();
    }
  }

  private async takeUp(kernel: DispatchKernel, dispatch: Dispatch): Promise<'alive' | 'ended' | LeftReason> {
    try {
      const judgment = await this.recordEnding(kernel, dispatch);
      if (judgment.kind === 'alive') await this.adoptLiving(kernel, dispatch, judgment);
      await this.noteAdopted(kernel, dispatch.id);
      return judgment.kind;
    } catch (error) {
      this.deps.log.error('dispatch not adopted', { id: dispatch.id, error });
      // A failure to write the record is temporary; a problem with a file of the dispatch is not.
      if (!KernelError.is(error, 'FILE_UNREADABLE')) {
        this.checkLater(kernel);
        await this.noteAdopted(kernel, dispatch.id, { error });
      }
      return 'unreadable';
    }
  }

  private async noteAdopted(kernel: DispatchKernel, subject: string, failure?: { error: unknown }): Promise<void> {
    if (failure === undefined && !jobFailed(kernel, 'adopt')) return;
    const { noteJobFailure, noteJobSuccess } = await import('../failures/jobFailures.js');
    const [deps, job] = [{ kernel, log: this.deps.log }, { stage: 'adopt', subject } as const];
    if (failure === undefined) await noteJobSuccess(deps, job);
    else await noteJobFailure(deps, job, failure.error, this.deps.ports.clock.nowMs() + LATER_MS);
  }

  /** Judges the dispatch and stores its ending if it has ended. */
  private async recordEnding(
    kernel: DispatchKernel,
    dispatch: Dispatch,
    when: (judgment: Extract<Judgment, { kind: 'ended' }>) => boolean = () => true,
  ): Promise<Judgment> {
    const process = kernel.read((r) => dispatchProcess(r, dispatch.id));
    const judgment = await judge(dispatch, process, storagesOf(this.deps), this.nowSeconds);
    if (judgment.kind === 'ended' && when(judgment)) {
      const { settleGone } = await import('./end/settlement.js');
      await settleGone(this.deps, kernel, dispatch, judgment.files);
    }
    return judgment;
  }

  private async adoptLiving(kernel: DispatchKernel, dispatch: Dispatch, living: Living): Promise<void> {
    const { id, timeoutSec: timeLimitSec } = dispatch;
    const { files, launcher, unrecorded } = living;
    const { kindOf } = await import('./end/settlement.js');
    const { recordRunning } = await import('./start/dispatchStart.js');
    if (unrecorded !== undefined) await recordRunning(this.deps, kernel, id, files, unrecorded);
    const startedMs = (dispatch.startedAt ?? dispatch.createdAt) * 1000;
    const remainingMs = timeLimitSec === null ? null : startedMs + timeLimitSec * 1000 - this.deps.ports.clock.nowMs();
    const kind = kindOf(this.deps, dispatch);
    await this.follow({ kernel, id, kind, files, launcher, gone: undefined, timeLimitSec, remainingMs });
  }

  private async follow(live: LiveDispatch): Promise<void> {
    const { kernel, id } = live;
    const { Follower } = await import('./follow/follower.js');
    if (this.disposed || this.followed.has(id)) return;
    const onOutput = (file: string) => this.output.fire({ dispatchId: id, file });
    const onEnding = (stored: Promise<void>) => this.endings.note(stored);
    const options = { graceMs: graceMsOf(this.deps), log: this.deps.log, accounts: this.deps, onOutput, onEnding };
    const follower = new Follower(live, options);
    this.followed.set(id, { kernel, follower });
    void follower.done.then(() => {
      this.followed.delete(id);
      // Not if it was released.
      if (this.subscriptions.has(kernel)) this.checkAgain(kernel, id);
      this.room.fire();
    });
    this.budgets.checkSoon(kernel);
    if (this.subscriptions.has(kernel)) return;
    this.subscriptions.set(
      kernel,
      kernel.onDidChange((change) => this.onChange(kernel, change)),
    );
  }

  /** A dispatch that was ended in the record (by a rollback, another window, `ic`) must not continue. */
  private onChange(kernel: DispatchKernel, change: Change): void {
    this.budgets.checkSoon(kernel);
    for (const [id, { kernel: owner, follower }] of this.followed) {
      if (owner !== kernel || (change.origin === 'commit' && !change.dispatches.has(id))) continue;
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && !isActive(status)) void follower.endProcess();
    }
  }

  /** Retries a dispatch that is active in the record but not followed, because its state could not be written. */
  private checkAgain(kernel: DispatchKernel, id: DispatchId): void {
    try {
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && isActive(status)) this.checkLater(kernel);
    } catch (error) {
      // It is checked when the record is loaded again.
      this.deps.log.warn('dispatch not checked', { id, error });
    }
  }

  /**
   * Dispatches that another window was starting, and endings that could not be stored, are checked again after a delay.
   */
  private checkLater(kernel: DispatchKernel): void {
    if (this.disposed || this.laterLooks.has(kernel)) return;
    const look = () => {
      this.laterLooks.delete(kernel);
      this.adopt(kernel).catch((error: unknown) => this.deps.log.error('dispatches not adopted', { error }));
    };
    this.laterLooks.set(kernel, setTimeout(look, LATER_MS).unref());
  }

  private get nowSeconds(): number {
    return Math.floor(this.deps.ports.clock.nowMs() / 1000);
  }

  private refuseUntrusted(action: string): void {
    if (!this.deps.canRun()) throw new KernelError('UNTRUSTED', { action });
  }

  private refuseBeyondLimit(): void {
    const limit = this.deps.maxConcurrent?.() ?? 0;
    const active = this.followed.size + this.starting.size;
    if (limit > 0 && active >= limit) throw new KernelError('TOO_MANY_DISPATCHES', { active, limit });
  }
}

/** @throws KernelError `INVALID_ARGUMENT` */
async function requested(request: unknown): Promise<DispatchRequest> {
  const { dispatchRequest } = await import('./context/dispatchRequest.js');
  return parseInput(dispatchRequest, request, 'dispatch');
}

/** @throws KernelError `NOT_FOUND` */
function find(kernel: DispatchKernel, id: string): { dispatch: Dispatch; process: DispatchProcess | undefined } {
  return kernel.read((r) => ({ dispatch: getDispatch(r, id), process: dispatchProcess(r, id) }));
}
