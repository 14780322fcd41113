/**
 * Who decides (`docs/design/trust.md`): refuses what an agent must not do on its own, for operations and for `ic`
 * commands alike. An agent that can write the file of a record can write anything. This check keeps honest agents, and
 * agents in a sandbox, from deciding by accident or by persuasion.
 */
import { actsUnasked, type AgentKind } from '../../contract/agentKinds';
import type { Decides } from '../../contract/declarations/operation';
import { findDispatch } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors/errors';
import { findQueued } from '../../kernel/queue/service';
import type { Reader } from '../../kernel/unit';
import { listAgentRuns } from '../../kernel/tasks/subtask/agentRuns';
import { getSubtask } from '../../kernel/tasks/subtask/subtasks';
import type { KindInForce } from '../dispatch/context/deps';

/**
 * `person`: in the editor or a shell, or a program that acts for one. `client`: an MCP client, which asks its person
 * before a tool that is annotated as destructive. `model`: the chat of the editor, which asks too. `dispatch`: an agent.
 */
export type Caller =
  | { readonly kind: 'person' }
  | { readonly kind: 'client' }
  | { readonly kind: 'model' }
  | { readonly kind: 'dispatch'; readonly dispatchId: string };

/** The subject of the decision, as far as the arguments name it. */
export interface Subject {
  readonly runId?: string | undefined;
  readonly dispatchId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly subtaskId?: string | undefined;
}

/** Whether the caller can be admitted or refused without reading the record. */
export type Verdict = 'allowed' | 'refused' | 'ownerDecides';

/** @param given names of the arguments that the caller gave */
export function verdictOn(caller: Caller, decides: Decides, given: readonly string[]): Verdict {
  if (decides === 'anyone' || caller.kind === 'person' || caller.kind === 'client') return 'allowed';
  if (typeof decides === 'object') {
    return given.some((name) => decides.personGives.includes(name)) ? 'refused' : 'allowed';
  }
  return decides === 'owner' && caller.kind === 'dispatch' ? 'ownerDecides' : 'refused';
}

/** Whether the subject is the dispatch itself, something it started, or its own work. */
export function isOwn(r: Reader, own: string, { runId, dispatchId, taskId, subtaskId }: Subject): boolean {
  if (dispatchId !== undefined) return isStartedBy(r, own, dispatchId);
  if (subtaskId !== undefined) {
    const subtask = getSubtask(r, subtaskId);
    return isAttempt(r, own, subtask.taskId, subtask.id) || isAttempt(r, own, subtask.taskId, null);
  }
  if (taskId !== undefined) return isAttempt(r, own, taskId, null);
  return runId !== undefined && findDispatch(r, own)?.scopeId === runId;
}

function isStartedBy(r: Reader, own: string, dispatchId: string): boolean {
  const seen = new Set<string>();
  for (let id: string | null = dispatchId; id !== null && !seen.has(id);) {
    if (id === own) return true;
    seen.add(id);
    id = findDispatch(r, id)?.parentId ?? findQueued(r, id)?.request.parentId ?? null;
  }
  return false;
}

function isAttempt(r: Reader, own: string, taskId: string, subtaskId: string | null): boolean {
  return listAgentRuns(r, taskId, subtaskId).some(({ dispatchId }) => dispatchId === own);
}

/** The reach of an agent: whether it runs without permission prompts, and its sandbox. */
export interface Reach {
  readonly isUnasked: boolean;
  readonly sandbox: string;
}

/** From narrow to wide. Sandboxes that are not listed cannot be compared. */
const SANDBOXES: Readonly<Record<string, number>> = {
  'read-only': 0,
  'workspace-write': 1,
  'danger-full-access': 2,
  none: 2,
};
const WIDEST = 2;

/**
 * A program whose output is only copied is not known to ask for permission.
 * @param sandbox the one in force, or `none`
 */
export function reachOf(kind: AgentKind, sandbox: string): Reach {
  return { isUnasked: kind.parser === 'plain' || actsUnasked({ ...kind, sandbox }), sandbox };
}

/** The reach of the agent that a dispatch is. Unknown dispatches and kinds have no reach. */
export function reachOfDispatch(r: Reader, kinds: readonly AgentKind[], dispatchId: string): Reach {
  const dispatch = findDispatch(r, dispatchId);
  const kind = kinds.find(({ name }) => name === dispatch?.agentType);
  if (dispatch === undefined || kind === undefined) return { isUnasked: false, sandbox: 'read-only' };
  return reachOf(kind, dispatch.sandbox ?? 'none');
}

/** Whether an agent with this reach may start any kind of agent. */
export function isWidest({ isUnasked, sandbox }: Reach): boolean {
  return isUnasked && SANDBOXES[sandbox] === WIDEST;
}

export function isWider(start: Reach, own: Reach): boolean {
  if (start.isUnasked && !own.isUnasked) return true;
  const [wanted, allowed] = [SANDBOXES[start.sandbox], SANDBOXES[own.sandbox]];
  if (allowed === WIDEST) return false;
  return wanted === undefined || allowed === undefined ? start.sandbox !== own.sandbox : wanted > allowed;
}

/** @throws KernelError `AGENT_WIDER` if the dispatch's agent has less reach than the agent to start */
export function refuseWider(r: Reader, kinds: readonly AgentKind[], dispatchId: string, start: KindInForce): void {
  const wanted = reachOf(start.kind, start.sandbox);
  if (isWider(wanted, reachOfDispatch(r, kinds, dispatchId))) {
    throw new KernelError('AGENT_WIDER', { kind: start.kind.name });
  }
}

/** @throws KernelError `PERSON_DECIDES` */
export function personDecides(operation: string): never {
  throw new KernelError('PERSON_DECIDES', { operation });
}
