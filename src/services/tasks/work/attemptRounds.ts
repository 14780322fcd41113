/**
 * Rounds of attempts of a planner or a worker: limits, waiting, and the result of the previous attempt
 * (`docs/design/tasks.md#planning`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { delayAfter } from '../../../kernel/tasks/stage/backoff';
import type { AgentRun } from '../../../kernel/tasks/record/model';
import { lastLinesOf, startAttempt, type AttemptOrder } from './attempt';
import type { TaskDeps } from '../deps';
import type { Failure } from './prompts';

/** The state of a round of attempts. */
export type RoundState =
  /** An attempt is running, or was running when this window started. */
  | { readonly kind: 'running'; readonly run: AgentRun }
  | { readonly kind: 'used up'; readonly last: AgentRun | undefined }
  /** `last` failed, of this round or the one before. */
  | { readonly kind: 'free'; readonly last: AgentRun | undefined; readonly used: number };

export function roundStateOf(deps: TaskDeps, taskId: string, subtaskId: string | null, first: number): RoundState {
  const runs = deps.kernel.read((r) => listAgentRuns(r, taskId, subtaskId));
  const running = runs.find(({ status }) => status === 'RUNNING');
  if (running !== undefined) return { kind: 'running', run: running };
  // A successful attempt counts too: its work was refused later, before it was published.
  const last = runs.find(({ status }) => status !== 'CANCELLED');
  const used = runs.filter(({ attempt, status }) => attempt >= first && status !== 'CANCELLED').length;
  return used >= deps.settings().maxAttempts ? { kind: 'used up', last } : { kind: 'free', last, used };
}

/** Waits for the rest of the back-off after a failed attempt. Rejects when the signal is aborted. */
export async function backOff(deps: TaskDeps, last: AgentRun, used: number, signal: AbortSignal): Promise<void> {
  const { settings, ports, chance } = deps;
  const dueMs = (last.endedAt ?? last.startedAt) * 1000 + delayAfter(used, chance(), settings().backoff) * 1000;
  const waitMs = dueMs - ports.clock.nowMs();
  if (waitMs > 0) await delay(waitMs, undefined, { signal });
}

/** The interval for retrying a start that a limit blocks, if no event reports room earlier. */
const ASK_AGAIN_MS = 5000;

/** Starts an attempt as soon as the limits allow it. Rejects when the signal is aborted. */
export async function startWhenRoom(
  deps: TaskDeps,
  order: () => Promise<AttemptOrder>,
  signal: AbortSignal,
): Promise<Exclude<Awaited<ReturnType<typeof startAttempt>>, { kind: 'noRoom' }>> {
  for (;;) {
    signal.throwIfAborted();
    const made = await order();
    const atMs = deps.ports.clock.nowMs();
    const start = await startAttempt(deps, made);
    if (start.kind !== 'noRoom') return start;
    const subject = 'subtaskId' in made.of ? made.of.subtaskId : made.of.taskId;
    deps.withoutRoom?.set(subject, { limit: start.limit, atMs });
    try {
      await roomOrTime(deps, signal);
    } finally {
      deps.withoutRoom?.delete(subject);
    }
  }
}

async function roomOrTime({ dispatcher }: TaskDeps, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const room = new Promise<void>((resolve) => {
    const subscription = dispatcher.onDidMakeRoom(resolve);
    done.signal.addEventListener('abort', () => subscription.dispose());
  });
  try {
    await Promise.race([room, delay(ASK_AGAIN_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) })]);
  } finally {
    done.abort();
  }
}

/** The previous attempt for the next prompt. `refusal`: why work that had succeeded was refused. */
export async function failureOf(
  deps: TaskDeps,
  last: AgentRun | undefined,
  refusal: string | null = null,
): Promise<Failure | undefined> {
  if (last === undefined) return undefined;
  return {
    attempt: last.attempt,
    error: last.errorMessage ?? refusal ?? 'no reason was recorded',
    lastLines: await lastLinesOf(deps, last),
  };
}
