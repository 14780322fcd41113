/**
 * The work of a folder's leader: every task in planning has a running planner, and every subtask in progress a worker,
 * regardless of previous programs.
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { isKernelError, problemOf } from '../../../kernel/errors/errors';
import { activeDispatches } from '../../../kernel/dispatch/service';
import { findRun } from '../../../kernel/run/record/queries';
import { isAhead } from '../../../kernel/ports';
import type { Reader } from '../../../kernel/unit';
import { runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { agentFor, plannerFor, type NeededAgent } from '../../../kernel/tasks/subtask/neededAgent';
import { startSubtask } from '../../../kernel/tasks/subtask/progress';
import { listTasks } from '../../../kernel/tasks/service';
import { heldUntil, isDue, stageFailures, workHeldUntil } from '../../../kernel/tasks/upkeep/stageHolds';
import type { StageName } from '../../../kernel/tasks/stage/stages';
import { getSubtask, readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { noteJobFailure, noteJobSuccess } from '../../failures/jobFailures';
import { endAgent, settleAttempt, Stopped } from '../work/attempt';
import type { NoRoom, TaskDeps } from '../deps';
import { eachAlone } from '../eachAlone';
import { heldKindOf, isStoppedIn, resumeReleased } from '../work/heldWork';
import { hasOpenWork, readyToStart, runningWork, type IsBlocked, type IsWaiting } from './openWork';
import { startJobs, type JobName } from './jobs';
import { planTask } from '../work/planner';
import { recoverTasks } from './recovery';
import { nextTries, runStage } from '../stageRunner';
import { buildSubtask } from '../work/worker';

interface Loop {
  readonly round: number;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** What should run: a planner for a task, a worker for a subtask. */
interface Wanted {
  readonly id: string;
  /** Changes when it is restarted after it was stopped or failed. */
  readonly round: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly stage: 'plan' | 'work';
  readonly needs: NeededAgent;
  /** Held by a failed stage: it uses no slot until this time, or until a person retries (null). */
  readonly heldUntil: number | null | undefined;
}

function dispatchesOfCancelled(r: Reader): string[] {
  const isCancelled = (runId: string | null): boolean => runId !== null && findRun(r, runId)?.status === 'cancelled';
  return activeDispatches(r)
    .filter(({ scopeId }) => isCancelled(scopeId))
    .map(({ id }) => id);
}

/** If the record cannot store a failure, work is retried after at least this delay, doubled each time. */
const AGAIN_AFTER_MS = 10_000;
const LONGEST_AGAIN_MS = 60_000;

const RECONCILING = { stage: 'reconcile' } as const;

/** Upkeep without its own retry loop. */
const OWN_STAGES: readonly StageName[] = ['startReady', 'recovery'];

/** The interval for checking the clock while something is held. */
const LONGEST_TIMER_MS = 60_000;

interface Broken {
  readonly times: number;
  /** When it may start again, in milliseconds. */
  readonly againAtMs: number;
}

export class TaskLeader {
  private readonly loops = new Map<string, Loop>();
  /** Loops whose failure the record could not store. */
  private readonly broken = new Map<string, Broken>();
  /** Fires when the next failed stage is due. */
  private timer: NodeJS.Timeout | undefined;
  /** Kinds whose accounts a person has resumed since the last check. */
  private released: readonly string[] | 'any' = [];
  private isDue = true;
  /** When a failed check is due again, in milliseconds; 0 if another leader may have recorded a failure. */
  private unreconciledUntilMs: number | undefined = 0;
  private look: (() => void) | undefined;

  /** Upkeep whose first round has not finished. */
  private readonly firstRounds = new Set<JobName>(['tidying', 'syncing']);

  /** Work whose agents wait until a limit has room. */
  private readonly withoutRoom = new Map<string, NoRoom>();
  private readonly deps: TaskDeps;

  /** @param onRest called when it may have become idle */
  constructor(
    deps: TaskDeps,
    private readonly onRest: () => void = () => undefined,
  ) {
    this.deps = { ...deps, withoutRoom: this.withoutRoom };
  }

  /**
   * Whether everything was checked, and all remaining work needs a person. `isWaiting` defaults to no agent.
   * @param isBlocked whether a limit that refused an agent has no room before a person acts; defaults to none
   */
  isAtRest(isWaiting: IsWaiting = () => false, isBlocked: IsBlocked = () => false): boolean {
    if (this.isDue || this.firstRounds.size > 0) return false;
    return this.deps.kernel.read((r) => {
      const running = runningWork(r, isWaiting);
      const blocked = new Set(this.blocked(isBlocked).map(([id]) => id));
      if (![...this.loops.keys()].every((id) => running.get(id) === true || blocked.has(id))) return false;
      const isAnyTalking = [...running.values()].includes(false);
      // Agents that wait keep their slots, so other work starts only after a person has answered.
      const isOwnFull = this.loops.size >= this.deps.settings().maxConcurrent;
      if (!isAnyTalking && this.loops.size > 0 && isOwnFull) return true;
      return !hasOpenWork(r, { isStopped: isStoppedIn(this.deps), isWaiting, blocked });
    });
  }

  /** Tasks and subtasks whose agents cannot start before a person acts, each with the limit. */
  blocked(isBlocked: IsBlocked): readonly (readonly [id: string, NoRoom])[] {
    return [...this.withoutRoom].filter(([, noRoom]) => isBlocked(noRoom));
  }

  /** Runs until `signal` is aborted; agents continue then. */
  async lead(signal: AbortSignal): Promise<void> {
    const { kernel, dispatcher, held } = this.deps;
    const onEnd = (): void => this.look?.();
    signal.addEventListener('abort', onEnd);
    const subscriptions = [
      kernel.onDidChange(() => this.wake()),
      ...(held === undefined ? [] : [held.onDidRelease(({ kinds, early }) => this.onRelease(kinds, early))]),
    ];
    const jobs = startJobs(this.deps, signal, (job) => {
      if (this.firstRounds.delete(job)) this.look?.();
    });
    try {
      await recoverTasks(this.deps);
      // The previous leader may have left running agents that this program does not follow yet.
      await dispatcher.adopt(kernel);
      // A person may have resumed an account while no program led.
      await held?.settled();
      await noteJobSuccess(this.deps, { stage: 'lease' });
      this.released = 'any';
      this.isDue = true;
      while (!signal.aborted) {
        if (this.isDue) {
          this.isDue = false;
          await this.reconcile().then(
            () => this.noteReconciled(),
            (error: unknown) => this.noteUnreconciled(error),
          );
        } else {
          const woken = new Promise<void>((resolve) => {
            this.look = resolve;
          });
          if (this.isAtRest()) this.onRest();
          await woken;
        }
      }
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
      clearTimeout(this.timer);
      signal.removeEventListener('abort', onEnd);
      for (const { stop } of this.loops.values()) stop.abort(signal.reason);
      await Promise.all([...this.loops.values()].map(({ done }) => done));
      await Promise.all(jobs);
    }
  }

  private async noteReconciled(): Promise<void> {
    if (this.unreconciledUntilMs === undefined) return;
    this.unreconciledUntilMs = undefined;
    await noteJobSuccess(this.deps, RECONCILING);
  }

  /** Recording it changes the record, which triggers another check immediately: only the scheduled check counts. */
  private async noteUnreconciled(error: unknown): Promise<void> {
    const { log, ports } = this.deps;
    log.error('tasks not reconciled', { error: problemOf(error) });
    const nowMs = ports.clock.nowMs();
    if (isAhead(this.unreconciledUntilMs ?? 0, nowMs, AGAIN_AFTER_MS)) return;
    this.unreconciledUntilMs = nowMs + AGAIN_AFTER_MS;
    this.wakeIn(AGAIN_AFTER_MS);
    await noteJobFailure(this.deps, RECONCILING, error, this.unreconciledUntilMs);
  }

  private onRelease(kinds: readonly string[], early: boolean): void {
    if (early && this.released !== 'any') this.released = [...this.released, ...kinds];
    this.wake();
  }

  private wake(): void {
    this.isDue = true;
    this.look?.();
  }

  private wakeIn(ms: number): void {
    setTimeout(() => this.wake(), ms + 1).unref();
  }

  /** Wakes when the next held work is due. */
  private wakeForHeld(wanted: readonly Wanted[]): void {
    clearTimeout(this.timer);
    const nowMs = this.deps.ports.clock.nowMs();
    const held = wanted.flatMap(({ heldUntil: at }) => (typeof at === 'number' ? [at * 1000] : []));
    const due = [...held, ...nextTries(this.deps, OWN_STAGES)].filter((atMs) => atMs > nowMs);
    if (due.length === 0) return;
    // Checks again soon after sleep or a clock change; and no timer waits longer than 24.8 days.
    this.timer = setTimeout(() => this.wake(), Math.min(...due.map((ms) => ms - nowMs + 1), LONGEST_TIMER_MS)).unref();
  }

  private async reconcile(): Promise<void> {
    const steps: readonly (() => Promise<void> | void)[] = [
      () => this.recoverAgain(),
      () => this.resumeReleased(),
      () => this.startReady(),
      () => this.stopUnwanted(new Map(this.wanted().map(({ id, round }) => [id, round]))),
      () => this.beginWanted(this.wanted()),
    ];
    await eachAlone(steps, async (step) => {
      await step();
    });
  }

  /** The record was not repaired when leading started. */
  private async recoverAgain(): Promise<void> {
    const nowMs = this.deps.ports.clock.nowMs();
    if (nextTries(this.deps, ['recovery']).some((atMs) => atMs <= nowMs)) await recoverTasks(this.deps);
  }

  /** Work that an account held is due after a person has resumed it. */
  private async resumeReleased(): Promise<void> {
    const kinds = this.released;
    this.released = [];
    if (kinds === 'any' || kinds.length > 0) await resumeReleased(this.deps, kinds);
  }

  /** Subtasks of tasks whose workers start automatically. */
  private async startReady(): Promise<void> {
    const { kernel } = this.deps;
    await eachAlone(kernel.read(readyToStart), ({ id }) =>
      runStage(this.deps, 'startReady', id, () =>
        kernel.write((u) => {
          // Another process may have started it meanwhile.
          if (getSubtask(u, id).status === 'READY') startSubtask(u, id);
        }),
      ),
    );
  }

  /** Oldest first, so that work that started first continues first. */
  private wanted(): Wanted[] {
    const { deps } = this;
    return deps.kernel.read((r) => {
      const failures = stageFailures(r);
      return [...listTasks(r)].reverse().flatMap((task): Wanted[] => {
        if (task.status === 'PLANNING') {
          return [
            {
              id: task.id,
              round: task.firstAttempt,
              stage: 'plan',
              needs: plannerFor(task),
              work: (signal) => planTask(deps, task.id, signal),
              heldUntil: heldUntil(failures, task.id),
            },
          ];
        }
        return readableSubtasks(r, task.id)
          .sound.filter((subtask) => subtask.status === 'IN_PROGRESS')
          .map((subtask) => ({
            id: subtask.id,
            round: subtask.firstAttempt,
            stage: 'work',
            needs: agentFor(subtask),
            work: (signal) => buildSubtask(deps, subtask.id, signal),
            heldUntil: workHeldUntil(failures, subtask),
          }));
      });
    });
  }

  /**
   * Ends agents whose work is no longer wanted. Signals the loop to end; the next check after its end handles what it
   * left running or unrecorded.
   */
  private async stopUnwanted(wanted: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, { round, stop }] of this.loops) {
      if (wanted.get(id) !== round) stop.abort(new Stopped('It was stopped.'));
    }
    const { kernel } = this.deps;
    const orphan = kernel.read((r) => runningAgentRuns(r)).filter((run) => !wanted.has(run.subtaskId ?? run.taskId));
    await eachAlone(orphan, async (run) => {
      await endAgent(this.deps, run.dispatchId);
      if (this.loops.has(run.subtaskId ?? run.taskId)) return;
      await settleAttempt(this.deps, run, { status: 'CANCELLED', error: storedReason('it was stopped') });
    });
    // The program that canceled a run, or deleted its task, may have exited before its agents were ended.
    for (const id of kernel.read(dispatchesOfCancelled)) await endAgent(this.deps, id);
  }

  /** Work with a running agent is followed regardless of the limit; other work gets the remaining slots. */
  private beginWanted(wanted: readonly Wanted[]): void {
    const working = new Set<string>(
      this.deps.kernel.read((r) => runningAgentRuns(r)).map((run) => run.subtaskId ?? run.taskId),
    );
    const isWorking = ({ id }: Wanted): boolean => working.has(id) || this.loops.has(id);
    const clock = this.deps.kernel.read(({ now }) => ({ now }));
    const due = wanted.filter(({ heldUntil: until }) => isDue(clock, until));
    this.wakeForHeld(wanted);
    for (const work of due.filter(isWorking)) this.begin(work);
    // Work that waits for a held account uses no slot: it is checked again at the release.
    for (const work of due.filter((next) => !isWorking(next) && heldKindOf(this.deps, next.needs) === undefined)) {
      if (this.loops.size < this.deps.settings().maxConcurrent) this.begin(work);
    }
  }

  private begin({ id, round, work, stage }: Wanted): void {
    const { kernel, ports, log } = this.deps;
    const before = this.broken.get(id);
    if (this.loops.has(id) || isAhead(before?.againAtMs ?? 0, ports.clock.nowMs(), LONGEST_AGAIN_MS)) return;
    const stop = new AbortController();
    const done = runStage(this.deps, stage, id, () => work(stop.signal), stop.signal)
      .then(() => {
        this.broken.delete(id);
        kernel.unrecorded.clear(stage, id);
      })
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        const times = (before?.times ?? 0) + 1;
        const pauseMs = Math.min(AGAIN_AFTER_MS * 2 ** (times - 1), LONGEST_AGAIN_MS);
        const nowMs = ports.clock.nowMs();
        this.broken.set(id, { times, againAtMs: nowMs + pauseMs });
        const code = isKernelError(error) ? error.code : undefined;
        const reason = problemOf(error);
        log.error('work on tasks failed', { id, code, times, problem: reason });
        const nextAt = Math.ceil((nowMs + pauseMs) / 1000);
        kernel.unrecorded.note({ stage, subject: id, reason, now: Math.floor(nowMs / 1000), nextAt });
        this.wakeIn(pauseMs);
      })
      .finally(() => {
        this.loops.delete(id);
        // A slot is free, and the record may have changed while this one ended.
        this.wake();
      });
    this.loops.set(id, { round, stop, done });
  }
}
