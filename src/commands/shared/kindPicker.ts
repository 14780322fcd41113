/** The picker of an agent kind, for every command that asks for one. */
import * as vscode from 'vscode';
import type { AgentKind } from '../../contract/agentKinds';
import { withBuiltIns } from '../../services/agents/builtInKinds';
import { missingByKind } from '../../services/leader/installedKinds';
import { choose, type Choice, type Question, type StepPosition } from '../../window/dialogs/ask';
import type { CommandDeps } from './deps';

/** The kind `first` comes first, and kinds that are not installed come last. */
export async function chooseKind(
  { host, services }: Pick<CommandDeps, 'host' | 'services'>,
  question: Question & { readonly value?: string },
  { first, suits = () => true }: { readonly first?: string; readonly suits?: (kind: AgentKind) => boolean },
  place?: StepPosition,
): Promise<string> {
  const kinds = withBuiltIns(host.setting('intercore.agents.kinds')).filter(suits);
  const missing = await missingByKind(kinds, await services.environment.source());
  const lacks = ({ name }: AgentKind): readonly string[] => missing.get(name)?.map(({ program }) => program) ?? [];
  const rank = (kind: AgentKind): number => (kind.name === first ? 0 : lacks(kind).length === 0 ? 1 : 2);
  const sorted = [...kinds].sort((a, b) => rank(a) - rank(b));
  return await choose(
    question,
    sorted.map((kind) => choiceOf(kind, lacks(kind))),
    place,
  );
}

function choiceOf({ name, command }: AgentKind, lacks: readonly string[]): Choice<string> {
  const choice = { label: name, description: command, value: name };
  if (lacks.length === 0) return choice;
  return {
    ...choice,
    detail: vscode.l10n.t('Not installed: {programs} not found on PATH', { programs: lacks.join(', ') }),
  };
}
