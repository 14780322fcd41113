/** Finds the kind that a dispatch names. */
import type { AgentKind } from '../../contract/agentKinds';
import { KernelError } from '../../kernel/errors/errors';

/** @throws KernelError `AGENT_KIND_UNKNOWN` */
export function findKind(kinds: readonly AgentKind[], name: string): AgentKind {
  const kind = kinds.find((candidate) => candidate.name === name);
  if (kind !== undefined) return kind;
  throw new KernelError('AGENT_KIND_UNKNOWN', { kind: name, known: kinds.map((known) => known.name).join(', ') });
}
