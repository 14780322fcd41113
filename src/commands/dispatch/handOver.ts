/** Hand Over to…: another agent kind continues the work of a dispatch. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { Dispatch } from '../../kernel/dispatch/model';
import { isScriptKind } from '../../services/agents/builtInKinds';
import type { CommandDeps } from '../shared/deps';
import type { Invocation } from '../shared/invocation';
import { chooseKind } from '../shared/kindPicker';
import { pickDispatch } from '../shared/pickers';

export async function handOver(
  deps: CommandDeps,
  args: CommandArgs<'intercore.dispatch.handOver'>,
  caller: Invocation['caller'],
): Promise<Dispatch> {
  const { api, host } = deps;
  const title = vscode.l10n.t('Hand Over');
  const suits = ({ promptFile }: Dispatch): boolean => promptFile !== null;
  const { folder, dispatch } = await pickDispatch(deps, args, { title, action: 'hand over', suits });
  const placeholder = vscode.l10n.t('Select the agent that continues. A running one is stopped first');
  const kind = args.kind ?? (await chooseOtherKind(deps, { title, placeholder }, dispatch.agentType));
  if (caller === 'person') await host.taskServices.allowAgents(folder, undefined, kind);
  return await api.dispatches.handOver({ folder, dispatchId: dispatch.id, kind });
}

/** One of the agent kinds, without the one that does the work now. */
export function chooseOtherKind(
  deps: Pick<CommandDeps, 'host' | 'services'>,
  question: { readonly title: string; readonly placeholder: string },
  present: string,
): Promise<string> {
  return chooseKind(deps, question, { suits: ({ name }) => name !== present && !isScriptKind(name) });
}
