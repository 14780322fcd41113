/** The one place that starts, follows and ends agents, whoever asks (`docs/design/agents.md`). */
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
import { findKind } from '../agents/knownKinds';
import { BudgetWatch, changeBudget, hasRoom, type BudgetChanges } from './end/budgets';
import { graceMsOf, storagesOf, type DispatcherDeps } from './deps';
import type { Follower, LiveDispatch } from './follow/follower';
import { foreignEnding } from './follow/foreign';
import { judge, STARTING_SECONDS, type Judgment, type Living } from './follow/judgment';
import { kernelIn, type DispatchKernel } from './kernel';
import { logLocationOf, type LogLocation } from './follow/logLocation';
import { linkOutput } from './follow/outputLink';
import { PendingEndings } from './end/pendingEndings';
import { isQueuedIn } from './start/queuedHere';
import type { DispatchRequest } from './start/request';
import { whenEnded, whileChecking } from './follow/exitWait';
import { jobFailed } from '../failures/jobFailed';

export type { DispatcherDeps } from './deps';
export type { DispatchKernel } from './kernel';
export type { DispatchRequest } from './start/request';

export interface OutputEvent {
  readonly dispatchId: DispatchId;
  /** The log, which has grown. */
  readonly file: string;
}

export type LeftReason = 'starting' | 'otherMachine' | 'otherProgram' | 'elsewhere' | 'unreadable';

export interface AdoptionReport {
  /** Alive, and followed from now on. */
  readonly adopted: readonly DispatchId[];
  /** Gone, and ended in the record. */
  readonly settled: readonly DispatchId[];
  /** Not for us to judge, or not yet. */
  readonly left: readonly { readonly dispatchId: DispatchId; readonly why: LeftReason }[];
}

/** As the original stores it. */
const KILLED = 'killed by user';
/** Before a dispatch that could not be adopted is checked again. */
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

  /** Where files of dispatches may be. */
  get storages(): readonly string[] {
    return storagesOf(this.deps);
  }

  /** The agent kinds there are now. */
  kinds(): readonly AgentKind[] {
    return this.deps.kinds();
  }

  /** Fired when the log of a followed dispatch has grown. */
  onDidOutput(listener: (event: OutputEvent) => void): Disposable {
    return this.output.event(listener);
  }

  /** Fired when this window may be able to start a dispatch that it could not start before. */
  onDidMakeRoom(listener: () => void): Disposable {
    return this.room.event(listener);
  }

  /**
   * Starts an agent and records it, with the run's agent that it is. Resolves when its process exists and is recorded.
   * @throws KernelError `UNTRUSTED`, `AGENT_KIND_UNKNOWN`, `AGENT_NOT_ALLOWED`, `AGENT_WIDER`, `TOO_MANY_DISPATCHES`, `DISPATCH_LIMIT`, `RUN_BUDGET`,
   * `PORTFOLIO_BUDGET`, what prevents reading the run's portfolio, `INVALID_ARGUMENT`, `FILE_UNREADABLE`, `PATH_OUTSIDE`, `NOT_FOUND` for the
   * run; `AGENT_NOT_STARTED`, whose dispatch is kept as failed; `DISPATCH_FINISHED` where it was cancelled meanwhile.
   * @param id a new one, for a caller who has written down beforehand which dispatch it will be.
   */
  async start(kernel: DispatchKernel, request: DispatchRequest, id?: DispatchId): Promise<Dispatch> {
    this.refuseUntrusted('start agents');
    const own = id ?? dispatchIdSchema.parse(this.deps.ports.ids.newId(ID_LENGTH));
    const wanted = await requested(request);
    await this.refuseForbidden(kernel, wanted);
    return this.startAs({ id: own, isQueued: false }, kernel, wanted);
  }

  /**
   * Lets a dispatch wait until a limit no longer stands against it. `DispatchQueue` starts it then, under the id that
   * it has in the queue.
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
   * Starts a queued dispatch, out of its turn if need be. One of several windows that try does; whoever asks here while
   * it is tried gets what comes of that.
   * @throws KernelError `NOT_FOUND` where it is not in the queue any more, `RUN_TERMINAL`, and as `start`
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
   * Whether a limit holds the account of the kind's agents.
   * @throws KernelError `ACCOUNT_HELD`, `ACCOUNT_STOPPED`
   */
  async refuseHeldAccount(kindName: string): Promise<void> {
    const kind = this.deps.kinds().find(({ name }) => name === kindName);
    if (kind === undefined) return;
    const { refuseHeld } = await import('./accounts.js');
    await refuseHeld(this.deps, kind);
  }

  /** Whether the budget of the request's run has room for it now, as far as its own database tells. */
  hasRoom(kernel: DispatchKernel, request: DispatchRequest): boolean {
    const kind = this.deps.kinds().find(({ name }) => name === request.kind);
    // Nothing is known of an unknown kind; starting it tells.
    return kind === undefined || hasRoom(this.deps, kernel, kind, request);
  }

  /**
   * Changes the own budget of a running dispatch; null takes a measure's budget away.
   * @throws KernelError `UNTRUSTED`, and as `setDispatchBudget` of the kernel
   */
  async setBudget(kernel: DispatchKernel, dispatchId: string, changes: BudgetChanges): Promise<void> {
    this.refuseUntrusted('change budgets');
    await changeBudget(this.deps, kernel, dispatchId, changes);
  }

  /** Looks again whether something is over budget: a budget or what happens at its limit was changed elsewhere. */
  checkBudgets(): void {
    for (const kernel of this.subscriptions.keys()) this.budgets.checkSoon(kernel);
  }

  /** Whether a queued dispatch may be started without a person asking for it. */
  mayStartUnasked(queued: QueuedDispatch): boolean {
    return isQueuedIn(storagesOf(this.deps), queued);
  }

  /**
   * A person allows agents to work on a queued dispatch as they have seen it; `DispatchQueue` starts it then.
   * @throws KernelError `UNTRUSTED`, `NOT_FOUND`, `RECORDED_ELSEWHERE`, `FILE_UNREADABLE`, `INVALID_ARGUMENT`
   */
  async allowQueued(kernel: DispatchKernel, shown: QueuedDispatch): Promise<void> {
    this.refuseUntrusted('start agents');
    const { takeOver } = await import('./start/enqueue.js');
    if (!this.mayStartUnasked(shown)) await takeOver(this.deps, kernel, shown);
    else if (shown.problem !== null) await kernel.write((u) => setQueuedProblem(u, shown.id, null));
  }

  /**
   * Ends the process and all it started, and cancels the dispatch. A dispatch that has ended before keeps its ending;
   * a process it still has is ended all the same.
   * @throws KernelError `UNTRUSTED`, `NOT_FOUND`; `PROCESS_UNKNOWN` where the process is not ours to judge.
   */
  async kill(kernel: DispatchKernel, dispatchId: string, reason = KILLED): Promise<Dispatch> {
    this.refuseUntrusted('end agents');
    const { dispatch, process } = find(kernel, dispatchId);
    const { endAgent } = await import('./end/dispatchKill.js');
    await endAgent(this.deps, kernel, dispatch, process, reason);
    return kernel.read((r) => getDispatch(r, dispatch.id));
  }

  /**
   * Adopts every active dispatch of a project that nobody here follows: on activation, and after the database was
   * loaded. Harmless to repeat, and in several windows at once. Does nothing in an untrusted window.
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
      this.deps.log.warn('storages of other programs not searched for', { error });
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
   * Stores the endings that launchers have left on disk, for dispatches that no process here follows. It adopts, ends and
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

  /** Resolves when the endings of agents that are known to have ended are recorded, or have had their time. */
  endingsRecorded(): Promise<void> {
    return this.endings.recorded();
  }

  /** Whether this program follows the agent, to its end. */
  isFollowed(id: string): boolean {
    return [...this.followed.keys(), ...this.starting].some((known) => known === id);
  }

  /** Whether the agents that worked in the project before are followed and counted. */
  hasTakenUp(kernel: DispatchKernel): boolean {
    return this.takenUp.has(kernel);
  }

  /**
   * Checks one dispatch and stores its ending if its process has gone. A person asks for it, so a row of another
   * program ends where no process has its pid (`docs/design/agents.md#progress-of-a-wrapper`).
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
   * Resolves when the dispatch has ended in the record, by any program. Rejects with the signal's reason. A program that
   * has not adopted the agents of the project checks this one now and then, for no other may record its ending.
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

  /** Where the dispatch's output is, if it was ever to have any. @throws KernelError `NOT_FOUND` */
  async logLocation(kernel: DispatchKernel, dispatchId: string): Promise<LogLocation> {
    const { dispatch, process } = find(kernel, dispatchId);
    return await logLocationOf(dispatch, process, storagesOf(this.deps));
  }

  /** Which of the dispatch's files were changed since they were left. @throws KernelError `NOT_FOUND`, `FILE_UNREADABLE` */
  async alteredFiles(kernel: DispatchKernel, dispatchId: string): Promise<readonly AlteredFile[]> {
    const { dispatch } = find(kernel, dispatchId);
    const { alteredFiles } = await import('./start/alteredFiles.js');
    return await alteredFiles(storagesOf(this.deps), dispatch, (file) => this.digests.digestOf(file));
  }

  /** Stops following the agents of a project whose folder leaves the window. Agents continue. */
  async release(kernel: DispatchKernel): Promise<void> {
    this.subscriptions.get(kernel)?.dispose();
    this.subscriptions.delete(kernel);
    this.budgets.release(kernel);
    clearTimeout(this.laterLooks.get(kernel));
    this.laterLooks.delete(kernel);
    const own = [...this.followed.values()].filter((each) => each.kernel === kernel);
    await Promise.all(own.map(({ follower }) => follower.dispose()));
  }

  /** Stops following. Agents continue. */
  async dispose(): Promise<void> {
    this.disposed = true;
    // Whoever is followed is subscribed to.
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
      // A record of portfolios is in no folder of its own: what is allowed where the agent works holds.
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
      const { refuseHeld } = await import('./accounts.js');
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
      // Whoever tries queued dispatches continues to the next one anyway.
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
      // What prevents writing the record goes by; what is wrong with a file of the dispatch does not.
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

  /** Judges the dispatch and, if it has ended, stores how. */
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
      // Not where it was released.
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

  /** A dispatch that was ended in the record (by a rollback, another window, `ic`) must not work on. */
  private onChange(kernel: DispatchKernel, change: Change): void {
    this.budgets.checkSoon(kernel);
    for (const [id, { kernel: owner, follower }] of this.followed) {
      if (owner !== kernel || (change.origin === 'commit' && !change.dispatches.has(id))) continue;
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && !isActive(status)) void follower.endProcess();
    }
  }

  /** A dispatch that the record still has at work though nobody follows it: how it stands could not be written down. */
  private checkAgain(kernel: DispatchKernel, id: DispatchId): void {
    try {
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && isActive(status)) this.checkLater(kernel);
    } catch (error) {
      // It is checked when the record is loaded again.
      this.deps.log.warn('dispatch not checked', { id, error });
    }
  }

  /** What another window was about to start, and what could not be stored, is checked again when it has had its time. */
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
  const { dispatchRequest } = await import('./start/request.js');
  return parseInput(dispatchRequest, request, 'dispatch');
}

/** @throws KernelError `NOT_FOUND` */
function find(kernel: DispatchKernel, id: string): { dispatch: Dispatch; process: DispatchProcess | undefined } {
  return kernel.read((r) => ({ dispatch: getDispatch(r, id), process: dispatchProcess(r, id) }));
}
