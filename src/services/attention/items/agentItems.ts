/** Agents that are stuck or wait for an answer, and dispatches that could not be started. */
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { listQueued } from '../../../kernel/queue/service';
import type { Reader } from '../../../kernel/unit';
import type { ItemDraft } from './item';
import { readable } from './readable';
import { signInItems } from './signInItems';
import { sameErrors, stuckSign, type StuckLimits, type WorkerSigns } from './stuck';
import { workersOf, type Worker } from './workers';

/** Observations of agents outside the record. */
export interface AgentObservations {
  /** Output of live dispatches, by their ids. */
  readonly outputs: ReadonlyMap<string, Output>;
  /** Sessions of live dispatches, by their ids. */
  readonly sessions: ReadonlyMap<string, ObservedSession>;
  /** Subtasks whose worktree has no change. */
  readonly unchanged: ReadonlySet<string>;
  /** Whether worktrees were compared. Their content may change without a change of the record. */
  readonly compared: boolean;
  /**
   * Programs that agents of the folder's tasks need and that are not on this machine. Checked only while a person must
   * allow the agents; undefined where it was not.
   */
  readonly absent: readonly string[] | undefined;
}

export interface Output {
  readonly file: string;
  /** When it last grew, in milliseconds. */
  readonly atMs: number;
}

/** An item without its subject, with the number of the request. */
export interface ObservedRequest extends Pick<ItemDraft, 'kind' | 'facts' | 'since' | 'action' | 'offers'> {
  readonly number: number;
}

export interface ObservedSession {
  /** Whether its agent is expected to write something. */
  readonly isTalking: boolean;
  readonly requests: readonly ObservedRequest[];
  readonly pause: SessionPause;
  /** Of the rules that have judged its requests; undefined where an older host runs it. */
  readonly rulesDigest: string | undefined;
  /** Texts that wait for the end of the turn, each shortened. */
  readonly waiting: readonly { readonly id: string; readonly text: string }[];
  /** What the agent is doing, as it says, shortened; empty while it waits for a person or for its next turn. */
  readonly activity: string;
  /** Steps of its plan that are done, and all. */
  readonly plan: { readonly done: number; readonly all: number } | null;
}

/** `wanted`: it starts with the end of the turn. */
export type SessionPause = 'none' | 'wanted' | 'paused';

export const NO_OBSERVATIONS: AgentObservations = {
  outputs: new Map(),
  sessions: new Map(),
  unchanged: new Set(),
  compared: false,
  absent: undefined,
};

export interface AgentView extends QueueView {
  readonly nowMs: number;
  readonly limits: StuckLimits;
  readonly seen: AgentObservations;
}

export interface QueueView {
  /** Whether a program of this user queued it on this machine. Others wait until a person allows them. */
  isQueuedHere(queued: QueuedDispatch): boolean;
}

export function agentItems(r: Reader, view: AgentView): ItemDraft[] {
  const ofWorkers = workersOf(r).flatMap((worker) => [...requestItems(worker, view), ...stuckItem(worker, view)]);
  return [...ofWorkers, ...signInItems(r, view.nowMs), ...queueItems(r, view)];
}

/** What the agent waits for. */
function requestItems(worker: Worker, { seen }: AgentView): ItemDraft[] {
  const dispatchId = worker.dispatch?.id ?? '';
  return (seen.sessions.get(dispatchId)?.requests ?? []).map(({ number, ...item }) => {
    const { title, place, ids } = about(worker);
    return { ...item, title, place, ids: { ...ids, dispatchId, number }, key: `${dispatchId} ${number}` };
  });
}

function stuckItem(worker: Worker, { nowMs, limits, seen }: AgentView): ItemDraft[] {
  const { dispatch, subtask, ended } = worker;
  const outputAtMs = dispatch && seen.outputs.get(dispatch.id)?.atMs;
  const mayBeSilent = dispatch !== undefined && seen.sessions.get(dispatch.id)?.isTalking === false;
  const isUnchanged = subtask !== undefined && seen.unchanged.has(subtask.id);
  const signs: WorkerSigns = {
    silentMs: outputAtMs === undefined || mayBeSilent ? undefined : nowMs - outputAtMs,
    attemptsUnchanged: isUnchanged ? ended.length : 0,
    sameError: sameErrors(ended.map(({ errorMessage }) => errorMessage)),
  };
  const sign = stuckSign(signs, limits);
  if (sign === undefined) return [];
  const spoke = outputAtMs === undefined ? null : Math.floor(outputAtMs / 1000);
  const since = sign.kind === 'agentSilent' ? spoke : (ended[0]?.endedAt ?? spoke);
  return [{ ...sign, since, ...about(worker) }];
}

function about({ dispatch, task, subtask }: Worker): Pick<ItemDraft, 'title' | 'action' | 'ids' | 'place'> {
  if (subtask !== undefined) {
    const ids = { taskId: subtask.taskId, subtaskId: subtask.id };
    return { title: subtask.title, action: 'subtaskOutput', ids, place: { kind: 'subtask', ...ids } };
  }
  if (task !== undefined) {
    const ids = { taskId: task.id };
    return { title: task.title, action: 'planningOutput', ids, place: { kind: 'task', ...ids } };
  }
  const ids = { dispatchId: dispatch?.id ?? '' };
  const title = dispatch?.name ?? dispatch?.agentType ?? '';
  return { title, action: 'output', ids, place: { kind: 'dispatch', ...ids } };
}

/** Queued dispatches that could not be started, and those that a person must allow. */
export function queueItems(r: Reader, view: QueueView): ItemDraft[] {
  return readable(r, () => listQueued(r).queued, []).flatMap((queued): ItemDraft[] => {
    const { id, request, problem, queuedAtMs } = queued;
    const ids = { dispatchId: id };
    const about = {
      title: request.name ?? request.kind,
      since: Math.floor(queuedAtMs / 1000),
      ids,
      place: { kind: 'queued', ...ids },
    } as const;
    if (!view.isQueuedHere(queued)) return [{ kind: 'workToAllow', action: 'allow', ...about }];
    if (problem === null) return [];
    return [{ kind: 'dispatchNotStarted', facts: { problem }, action: 'startNow', ...about }];
  });
}
