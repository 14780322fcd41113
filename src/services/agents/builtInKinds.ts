/** The kinds that exist without any setting, at least one for each parser. A setting of the same name replaces one. */
import type { AgentKind, OutputParser } from '../../contract/agentKinds';
import { ACP_KINDS } from './acp/kind';
import { CLAUDE_KIND } from './claude/kind';
import { CODEX_KIND } from './codex/kind';
import { SHELL_KIND } from './plain/kind';
import { addedAgents } from '../../host/state/addedAgents';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';

const BY_PARSER: Readonly<Record<OutputParser, readonly AgentKind[]>> = {
  claude: [CLAUDE_KIND],
  codex: [CODEX_KIND],
  plain: [SHELL_KIND],
  acp: ACP_KINDS,
};

export const BUILT_IN_AGENT_KINDS: readonly AgentKind[] = Object.values(BY_PARSER).flat();

/**
 * The built-in kinds, with those that a person added and those of the settings laid over them by name.
 * @param environment determines where added agents are
 */
export function withBuiltIns(configured: readonly AgentKind[], environment = process.env): AgentKind[] {
  const added = addedAgents(environment).map(({ kind }) => kind);
  return [...new Map([...BUILT_IN_AGENT_KINDS, ...added, ...configured].map((kind) => [kind.name, kind])).values()];
}

/** Whether the prompt of the kind is a program, so that it must contain no text of agents. */
export function isScriptKind(name: string): boolean {
  return name === SHELL_KIND.name;
}

/** @throws KernelError `INVALID_ARGUMENT` for a kind whose prompt is a program: what agents wrote would be run */
export function refuseScriptKind(name: string): void {
  if (!isScriptKind(name)) return;
  const problem = because('the prompt of {kind} is a program, so it cannot take over', { kind: name });
  throw new KernelError('INVALID_ARGUMENT', { argument: 'kind', problem });
}

/** @throws KernelError `AGENT_KIND_UNKNOWN` */
export function findKind(kinds: readonly AgentKind[], name: string): AgentKind {
  const kind = kinds.find((candidate) => candidate.name === name);
  if (kind !== undefined) return kind;
  throw new KernelError('AGENT_KIND_UNKNOWN', { kind: name, known: kinds.map((known) => known.name).join(', ') });
}
