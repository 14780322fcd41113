/** Adopts agents that run without being followed here, and stores the endings of those that have ended. */
import { runsInSession } from '../../contract/agentKinds';
import type { Change } from '../../kernel/change';
import type { Dispatch } from '../../kernel/dispatch/model';
import { isActive } from '../../kernel/dispatch/machine';
import { activeDispatches, dispatchProcess, findDispatch } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors/errors';
import type { Disposable } from '../../kernel/emitter';
import type { DispatchId } from '../../kernel/ids';
import { storagesOf, type DispatcherDeps } from './context/deps';
import { jobFailed } from '../failures/jobFailed';
import type { DispatchKernel } from '../record/dispatchKernel';
import type { FollowedAgents } from './follow/followedAgents';
import { judge, STARTING_SECONDS, type Judgment, type Living } from './follow/judgment';

export type LeftReason = 'starting' | 'otherMachine' | 'otherProgram' | 'elsewhere' | 'unreadable';

export interface AdoptionReport {
  /** Running, and followed from now on. */
  readonly adopted: readonly DispatchId[];
  /** Its process is gone, and its ending is recorded. */
  readonly settled: readonly DispatchId[];
  /** Not judged by us, or not yet. */
  readonly left: readonly { readonly dispatchId: DispatchId; readonly why: LeftReason }[];
}

/** The delay before a dispatch that could not be adopted is checked again. */
const LATER_MS = (STARTING_SECONDS + 1) * 1000;

/** The same for one that another program is starting, which may be killed before the record says more of it. */
const STARTING_CHECK_MS = 1000;

interface LaterLook {
  readonly timer: NodeJS.Timeout;
  readonly waitMs: number;
}

export class Adoption {
  private readonly takenUp = new WeakSet<DispatchKernel>();
  private readonly laterLooks = new Map<DispatchKernel, LaterLook>();
  /** Projects where what other programs start is adopted. */
  private readonly watches = new Map<DispatchKernel, Disposable>();
  private readonly listeners = new Map<DispatchKernel, () => void>();
  /** Dispatches that were not adopted, each with what its row said. */
  private readonly left = new WeakMap<DispatchKernel, ReadonlyMap<DispatchId, string>>();
  /** One adoption of a project at a time: each settles what it finds. */
  private readonly rounds = new WeakMap<DispatchKernel, Promise<unknown>>();
  private readonly due = new WeakSet<DispatchKernel>();

  /** `isStarting`: whether this program is starting the dispatch. */
  constructor(
    private readonly deps: DispatcherDeps,
    private readonly agents: FollowedAgents,
    private readonly isStarting: (id: DispatchId) => boolean,
  ) {}

  /** The projects that are watched, or checked again after a delay. */
  get kernels(): readonly DispatchKernel[] {
    return [...this.watches.keys(), ...this.laterLooks.keys()];
  }

  /** Whether the project's agents from before are followed and counted. */
  hasTakenUp(kernel: DispatchKernel): boolean {
    return this.takenUp.has(kernel);
  }

  /**
   * Adopts every active dispatch of a project that this program does not follow, and from then on those that other
   * programs start there. Safe to repeat, also in several windows at once. Does nothing in an untrusted window.
   * @param onLater called each time that agents were adopted later
   */
  async adopt(kernel: DispatchKernel, onLater?: () => void): Promise<AdoptionReport> {
    if (onLater !== undefined) this.listeners.set(kernel, onLater);
    const round = (this.rounds.get(kernel) ?? Promise.resolve()).then(() => this.adoptAndNote(kernel));
    this.rounds.set(
      kernel,
      round.catch(() => undefined),
    );
    return await round;
  }

  /**
   * Stores the endings that launchers left on disk for dispatches that this program does not follow. Adopts, ends and
   * signals nothing. Does nothing in an untrusted window.
   */
  async recordEndings(kernel: DispatchKernel): Promise<void> {
    const active = this.deps.canRun() ? kernel.read((r) => activeDispatches(r)) : [];
    for (const dispatch of active) {
      if (this.isOwn(dispatch.id)) continue;
      try {
        await this.recordEnding(kernel, dispatch, ({ isRecorded }) => isRecorded);
      } catch (error) {
        this.deps.log.warn('ending not stored', { id: dispatch.id, error });
      }
    }
  }

  /** Judges the dispatch and stores its ending if it has ended. */
  async recordEnding(
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

  /** Retries a dispatch that is active in the record but not followed, because its state could not be written. */
  checkAgain(kernel: DispatchKernel, id: DispatchId): void {
    try {
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && isActive(status)) this.checkLater(kernel);
    } catch (error) {
      // It is checked when the record is loaded again.
      this.deps.log.warn('dispatch not checked', { id, error });
    }
  }

  /** Checks a released project no more. */
  release(kernel: DispatchKernel): void {
    this.watches.get(kernel)?.dispose();
    this.watches.delete(kernel);
    this.listeners.delete(kernel);
    this.forgetLater(kernel);
  }

  /** What this program writes brings no dispatch of another one. */
  private watch(kernel: DispatchKernel): void {
    if (this.watches.has(kernel) || this.agents.isDisposed) return;
    const onChange = ({ origin }: Change): void => {
      if (origin === 'file') void this.adoptNew(kernel);
    };
    this.watches.set(kernel, kernel.onDidChange(onChange));
  }

  private async adoptNew(kernel: DispatchKernel): Promise<void> {
    if (this.due.has(kernel)) return;
    this.due.add(kernel);
    await this.rounds.get(kernel);
    this.due.delete(kernel);
    if (this.watches.has(kernel) && this.hasNew(kernel)) await this.adoptLogged(kernel);
  }

  /** Whether a dispatch is neither followed nor left as its row still says. */
  private hasNew(kernel: DispatchKernel): boolean {
    try {
      const left = this.left.get(kernel);
      const active = kernel.read((r) => activeDispatches(r));
      return active.some((dispatch) => !this.isOwn(dispatch.id) && left?.get(dispatch.id) !== rowFacts(dispatch));
    } catch {
      // The record is not readable now. The change that makes it readable is reported, too.
      return false;
    }
  }

  private async adoptLogged(kernel: DispatchKernel): Promise<void> {
    try {
      const { adopted } = await this.adopt(kernel);
      if (adopted.length > 0) this.listeners.get(kernel)?.();
    } catch (error) {
      this.deps.log.error('dispatches not adopted', { error });
    }
  }

  private async adoptAndNote(kernel: DispatchKernel): Promise<AdoptionReport> {
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
    const rows = new Map<DispatchId, string>();
    if (this.deps.canRun()) this.watch(kernel);
    const active = this.deps.canRun() ? kernel.read((r) => activeDispatches(r)) : [];
    for (const dispatch of active) {
      const { id } = dispatch;
      if (this.isOwn(id)) continue;
      const outcome = await this.takeUp(kernel, dispatch);
      if (outcome === 'alive') adopted.push(id);
      else if (outcome === 'ended') settled.push(id);
      else {
        left.push({ dispatchId: id, why: outcome });
        rows.set(id, rowFacts(dispatch));
      }
    }
    this.left.set(kernel, rows);
    if (left.some(({ why }) => why === 'starting')) this.checkLater(kernel, STARTING_CHECK_MS);
    if (this.deps.canRun()) this.takenUp.add(kernel);
    this.agents.room.fire();
    return { adopted, settled, left };
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

  private async adoptLiving(kernel: DispatchKernel, dispatch: Dispatch, living: Living): Promise<void> {
    const { id, timeoutSec: timeLimitSec } = dispatch;
    const { files, launcher, unrecorded } = living;
    const { kindOf } = await import('./end/settlement.js');
    const { recordRunning } = await import('./start/dispatchStart.js');
    if (unrecorded !== undefined) await recordRunning(this.deps, kernel, id, files, unrecorded);
    const startedMs = (dispatch.startedAt ?? dispatch.createdAt) * 1000;
    const kind = kindOf(this.deps, dispatch);
    // The clock of a session stands while its agent waits for a person, which only its host knows.
    const endsAtMs = timeLimitSec === null || runsInSession(kind) ? null : startedMs + timeLimitSec * 1000;
    const remainingMs = endsAtMs === null ? null : endsAtMs - this.deps.ports.clock.nowMs();
    await this.agents.follow({ kernel, id, kind, files, launcher, gone: undefined, timeLimitSec, remainingMs });
  }

  private checkLater(kernel: DispatchKernel, waitMs = LATER_MS): void {
    const known = this.laterLooks.get(kernel);
    if (this.agents.isDisposed || (known !== undefined && known.waitMs <= waitMs)) return;
    this.forgetLater(kernel);
    const look = (): void => {
      this.forgetLater(kernel);
      void this.adoptLogged(kernel);
    };
    this.laterLooks.set(kernel, { timer: setTimeout(look, waitMs).unref(), waitMs });
  }

  private forgetLater(kernel: DispatchKernel): void {
    clearTimeout(this.laterLooks.get(kernel)?.timer);
    this.laterLooks.delete(kernel);
  }

  /** Whether the dispatch is followed or started here already, or nothing is followed any more. */
  private isOwn(id: DispatchId): boolean {
    return this.agents.isDisposed || this.agents.has(id) || this.isStarting(id);
  }

  private get nowSeconds(): number {
    return Math.floor(this.deps.ports.clock.nowMs() / 1000);
  }
}

/** What another program changes as the dispatch moves. */
function rowFacts({ status, pid }: Dispatch): string {
  return `${status} ${pid}`;
}
