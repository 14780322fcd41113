/** Items for held accounts of agents that work in the folder needs (`docs/design/failures.md#classes`). */
import type { AccountHold } from '../../../host/state/accountHolds';
import { listQueued } from '../../../kernel/queue/service';
import { startOf } from '../../../kernel/text/storableText';
import type { Reader } from '../../../kernel/unit';
import { runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { agentFor, type UsualKinds } from '../../../kernel/tasks/subtask/neededAgent';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import type { ItemDraft } from './item';
import { minuteOf } from './minutes';
import { readable } from './readable';

export interface HeldView {
  /** Held accounts with the names of the kinds that use them. Several accounts may share a name. */
  readonly kinds: Iterable<readonly [name: string, hold: AccountHold]>;
  /** Kinds that work on the folder's tasks; defaults to any. */
  readonly agents?: UsualKinds;
}

/** The part of an account's mark that distinguishes accounts of one kind. */
const MARK_LENGTH = 8;

export const NOTHING_HELD: HeldView = { kinds: [] };

export function heldItems(r: Reader, { kinds, agents }: HeldView): ItemDraft[] {
  const byAccount = new Map<string, { readonly hold: AccountHold; readonly names: string[] }>();
  for (const [name, hold] of kinds) {
    const known = byAccount.get(hold.account);
    if (known === undefined) byAccount.set(hold.account, { hold, names: [name] });
    else known.names.push(name);
  }
  const accounts = [...byAccount.values()].map(({ hold, names }) => ({ hold, names, agent: names[0] ?? hold.kind }));
  return accounts.flatMap(({ hold, names, agent }) => {
    const count = waitingFor(r, (kind) => kind === undefined || names.includes(kind), agents);
    const isOnly = accounts.filter((other) => other.agent === agent).length === 1;
    const title = isOnly ? agent : `${agent} (${startOf(hold.account, MARK_LENGTH)})`;
    return count === 0 ? [] : [heldItem(hold, agent, title, count)];
  });
}

function heldItem(
  { account, untilMs, sinceMs, reason }: AccountHold,
  agent: string,
  title: string,
  count: number,
): ItemDraft {
  const facts = { agent: title, count, problem: reason, account };
  const about = {
    title,
    since: Math.floor(sinceMs / 1000),
    action: 'resumeAccount',
    ids: { agentKind: agent },
    place: { kind: 'folder' },
    key: `${account} ${sinceMs}`,
  } as const;
  if (untilMs === null) return { kind: 'accountStopped', facts, ...about };
  return { kind: 'accountHeld', facts: { ...facts, until: minuteOf(untilMs / 1000) }, ...about };
}

/** Queued dispatches, plans and subtasks that wait to start an agent of such a kind. */
function waitingFor(r: Reader, isOf: (kind: string | undefined) => boolean, agents: HeldView['agents']): number {
  const queued = readable(r, () => listQueued(r).queued, []).filter(({ request }) => isOf(request.kind)).length;
  const running = new Set<string>(readable(r, () => runningAgentRuns(r), []).map((run) => run.subtaskId ?? run.taskId));
  const tasks = readable(r, () => listTasks(r), []);
  const plans = tasks.filter(({ id, status }) => status === 'PLANNING' && isOf(agents?.planner) && !running.has(id));
  const needsOne = (subtask: Subtask): boolean => {
    const needed = agentFor(subtask);
    if (needed === null) return false;
    return isOf(typeof needed === 'string' ? agents?.worker : needed.kind);
  };
  const subtasks = tasks
    .flatMap(({ id, status }) => (status === 'ACTIVE' ? readableSubtasks(r, id).sound : []))
    .filter((subtask) => subtask.status === 'IN_PROGRESS' && needsOne(subtask) && !running.has(subtask.id));
  return queued + plans.length + subtasks.length;
}
