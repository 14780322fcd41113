/**
 * What the window does that orchestrates a folder: every task in planning has a planner at work, every subtask in
 * progress a worker, whatever was done before it.
 */
import { isKernelError, KernelError, problemOf } from '../../kernel/errors';
import { activeDispatches } from '../../kernel/dispatch/service';
import { findRun } from '../../kernel/run/queries';
import type { Reader } from '../../kernel/unit';
import { runningAgentRuns } from '../../kernel/village/agentRuns';
import { isHeld, startSubtask } from '../../kernel/village/progress';
import { listTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import { endAgent, settleAttempt, Stopped } from './attempt';
import type { VillageDeps } from './deps';
import { eachAlone } from './eachAlone';
import { planTask } from './planner';
import { recoverVillage } from './recovery';
import { watchPullRequests } from './pullRequestWatch';
import { keepTidy } from './retention';
import { keepSynced } from './syncing';
import { buildSubtask } from './worker';

interface Loop {
  readonly round: number;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** What should be at work: a planner for a task, a worker for a subtask. */
interface Wanted {
  readonly id: string;
  /** Changes when it is begun again after it was stopped or failed. */
  readonly round: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
}

function dispatchesOfCancelled(r: Reader): string[] {
  const isCancelled = (runId: string | null): boolean => runId !== null && findRun(r, runId)?.status === 'cancelled';
  return activeDispatches(r)
    .filter(({ scopeId }) => isCancelled(scopeId))
    .map(({ id }) => id);
}

/** A loop that broke is begun again after this time at the earliest. */
const AGAIN_AFTER_MS = 10_000;

export class Leading {
  private readonly loops = new Map<string, Loop>();
  /** When a loop that broke may begin again, in milliseconds. */
  private readonly broken = new Map<string, number>();
  private isDue = true;
  private look: (() => void) | undefined;

  constructor(private readonly deps: VillageDeps) {}

  /** Until `signal` is aborted; agents go on then. */
  async lead(signal: AbortSignal): Promise<void> {
    const { kernel, log } = this.deps;
    const onEnd = (): void => this.look?.();
    signal.addEventListener('abort', onEnd);
    const subscription = kernel.onDidChange(() => this.wake());
    const upkeep = [keepTidy(this.deps, signal), keepSynced(this.deps, signal), watchPullRequests(this.deps, signal)];
    try {
      await recoverVillage(this.deps);
      this.isDue = true;
      while (!signal.aborted) {
        if (this.isDue) {
          this.isDue = false;
          await this.reconcile().catch((error: unknown) => {
            log.error('village not reconciled', { error: problemOf(error) });
            this.wakeLater();
          });
        } else {
          await new Promise<void>((resolve) => {
            this.look = resolve;
          });
        }
      }
    } finally {
      subscription.dispose();
      signal.removeEventListener('abort', onEnd);
      for (const { stop } of this.loops.values()) stop.abort(signal.reason);
      await Promise.all([...this.loops.values()].map(({ done }) => done));
      await Promise.all(upkeep);
    }
  }

  private wake(): void {
    this.isDue = true;
    this.look?.();
  }

  /** What hindered may be over then. */
  private wakeLater(): void {
    setTimeout(() => this.wake(), AGAIN_AFTER_MS + 1).unref();
  }

  private async reconcile(): Promise<void> {
    const steps: readonly (() => Promise<void> | void)[] = [
      () => this.startReady(),
      () => this.stopUnwanted(new Map(this.wanted().map(({ id, round }) => [id, round]))),
      () => this.beginWanted(this.wanted()),
    ];
    await eachAlone(steps, async (step) => {
      await step();
    });
  }

  /** Subtasks of tasks whose workers start by themselves. */
  private async startReady(): Promise<void> {
    const { kernel } = this.deps;
    const ready = kernel.read((r) =>
      listTasks(r)
        .filter((task) => task.status === 'ACTIVE' && task.autoStart && findRun(r, task.runId)?.status === 'active')
        .flatMap((task) => readableSubtasks(r, task.id).sound)
        .filter(({ status }) => status === 'READY'),
    );
    await eachAlone(ready, ({ id }) =>
      kernel
        .write((u) => void startSubtask(u, id))
        // Another process may have started or deleted it meanwhile.
        .catch((error: unknown) => {
          if (!KernelError.is(error, 'TASK_STATE') && !KernelError.is(error, 'NOT_FOUND')) throw error;
        }),
    );
  }

  /** Oldest first, so that what was begun first goes on first. */
  private wanted(): Wanted[] {
    const { deps } = this;
    return deps.kernel.read((r) =>
      [...listTasks(r)].reverse().flatMap((task): Wanted[] => {
        if (task.status === 'PLANNING') {
          return [{ id: task.id, round: task.firstAttempt, work: (signal) => planTask(deps, task.id, signal) }];
        }
        return readableSubtasks(r, task.id)
          .sound.filter((subtask) => subtask.status === 'IN_PROGRESS' && !isHeld(subtask))
          .map(({ id, firstAttempt }) => ({
            id,
            round: firstAttempt,
            work: (signal) => buildSubtask(deps, id, signal),
          }));
      }),
    );
  }

  /**
   * Ends agents whose work is no longer wanted. A loop is told to end; what it leaves running or unrecorded is seen to
   * at the next look, when it has gone.
   */
  private async stopUnwanted(wanted: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, { round, stop }] of this.loops) {
      if (wanted.get(id) !== round) stop.abort(new Stopped('It was stopped.'));
    }
    const { kernel } = this.deps;
    const stray = kernel.read((r) => runningAgentRuns(r)).filter((run) => !wanted.has(run.subtaskId ?? run.taskId));
    await eachAlone(stray, async (run) => {
      await endAgent(this.deps, run.dispatchId);
      if (this.loops.has(run.subtaskId ?? run.taskId)) return;
      await settleAttempt(this.deps, run, { status: 'CANCELLED', error: 'it was stopped' });
    });
    // Whoever cancelled a run, or deleted its task, may have gone before its agents were ended.
    for (const id of kernel.read(dispatchesOfCancelled)) await endAgent(this.deps, id);
  }

  /** Whoever has an agent at work is followed whatever the limit; the others get the places that are left. */
  private beginWanted(wanted: readonly Wanted[]): void {
    const working = new Set<string>(
      this.deps.kernel.read((r) => runningAgentRuns(r)).map((run) => run.subtaskId ?? run.taskId),
    );
    const isWorking = ({ id }: Wanted): boolean => working.has(id) || this.loops.has(id);
    for (const one of wanted.filter(isWorking)) this.begin(one);
    for (const one of wanted.filter((each) => !isWorking(each))) {
      if (this.loops.size < this.deps.settings().maxConcurrent) this.begin(one);
    }
  }

  private begin({ id, round, work }: Wanted): void {
    const { ports, log } = this.deps;
    if (this.loops.has(id) || ports.clock.nowMs() < (this.broken.get(id) ?? 0)) return;
    const stop = new AbortController();
    const done = work(stop.signal)
      .then(() => void this.broken.delete(id))
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        this.broken.set(id, ports.clock.nowMs() + AGAIN_AFTER_MS);
        const code = isKernelError(error) ? error.code : undefined;
        log.error('the village could not go on', { id, code, problem: problemOf(error) });
        this.wakeLater();
      })
      .finally(() => {
        this.loops.delete(id);
        // A place is free, and the record may have changed while this one ended.
        this.wake();
      });
    this.loops.set(id, { round, stop, done });
  }
}
