/** Items for held accounts of agents that work in the folder needs (`docs/design/failures.md#classes`). */
import type { AccountHold } from '../../../host/state/accountHolds';
import { listQueued } from '../../../kernel/queue/service';
import { startOf } from '../../../kernel/text/storableText';
import type { Reader } from '../../../kernel/unit';
import { runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { agentFor, plannerFor, type Needed, type UsualKinds } from '../../../kernel/tasks/subtask/neededAgent';
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

interface Waiting {
  readonly queued: number;
  readonly plans: number;
  readonly subtasks: number;
}

export function heldItems(r: Reader, { kinds, agents }: HeldView): ItemDraft[] {
  const byAccount = new Map<string, { readonly hold: AccountHold; readonly names: string[] }>();
  for (const [name, hold] of kinds) {
    const known = byAccount.get(hold.account);
    if (known === undefined) byAccount.set(hold.account, { hold, names: [name] });
    else known.names.push(name);
  }
  const accounts = [...byAccount.values()].map(({ hold, names }) => ({ hold, names, agent: names[0] ?? hold.kind }));
  return accounts.flatMap(({ hold, names, agent }) => {
    const waiting = waitingFor(r, (kind) => names.includes(kind), agents);
    const count = waiting.queued + waiting.plans + waiting.subtasks;
    const isOnly = accounts.filter((other) => other.agent === agent).length === 1;
    const title = isOnly ? agent : `${agent} (${startOf(hold.account, MARK_LENGTH)})`;
    return count === 0 ? [] : [heldItem(hold, agent, title, waiting)];
  });
}

function heldItem(
  { account, untilMs, sinceMs, reason }: AccountHold,
  agent: string,
  title: string,
  { queued, plans, subtasks }: Waiting,
): ItemDraft {
  const count = queued + plans + subtasks;
  const facts = { agent: title, count, problem: reason, account };
  const about = {
    title,
    since: Math.floor(sinceMs / 1000),
    action: 'resumeAccount',
    ids: { agentKind: agent },
    offers: [...(plans > 0 ? (['heldPlan'] as const) : []), ...(subtasks > 0 ? (['heldSubtask'] as const) : [])],
    place: { kind: 'folder' },
    key: `${account} ${sinceMs}`,
  } as const;
  if (untilMs === null) return { kind: 'accountStopped', facts, ...about };
  return { kind: 'accountHeld', facts: { ...facts, until: minuteOf(untilMs / 1000) }, ...about };
}

/** How many queued dispatches, plans, and subtasks wait to start an agent of such a kind. */
function waitingFor(r: Reader, isOf: (kind: string) => boolean, agents: HeldView['agents']): Waiting {
  const queued = readable(r, () => listQueued(r).queued, []).filter(({ request }) => isOf(request.kind));
  const running = new Set<string>(readable(r, () => runningAgentRuns(r), []).map((run) => run.subtaskId ?? run.taskId));
  const tasks = readable(r, () => listTasks(r), []);
  const waits = (id: string, needed: Needed | null): boolean => {
    if (needed === null || running.has(id)) return false;
    if (typeof needed === 'string') return agents === undefined || isOf(agents[needed]);
    return isOf(needed.kind);
  };
  const plans = tasks.filter((task) => task.status === 'PLANNING' && waits(task.id, plannerFor(task)));
  const subtasks = tasks
    .flatMap(({ id, status }) => (status === 'ACTIVE' ? readableSubtasks(r, id).sound : []))
    .filter((subtask) => subtask.status === 'IN_PROGRESS' && waits(subtask.id, agentFor(subtask)));
  return { queued: queued.length, plans: plans.length, subtasks: subtasks.length };
}
