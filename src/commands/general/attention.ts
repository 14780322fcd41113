/** Commands on what waits for a person: see it, go to it, do what is best. */
import { shownFacts } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import { ATTENTION, ATTENTION_ACTIONS, type AttentionItem } from '../../contract/results/attention';
import { VIEWS } from '../../contract/views';
import { KernelError } from '../../kernel/errors/errors';
import { choose, type Choice } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine, plain } from '../../window/dialogs/labels';
import { noneAvailable } from '../shared/noneAvailable';

export function attentionCommands(deps: CommandDeps): HandlersOf<'attention'> {
  return {
    'intercore.attention.show': async () => {
      await vscode.commands.executeCommand(`${VIEWS.needsYou}.focus`);
      return null;
    },
    'intercore.attention.reveal': async ({ itemId }) => {
      const item = await pickItem(deps, itemId, vscode.l10n.t('Reveal Needs You Item'));
      const isShown = await deps.screen.revealPlace(item.folder, item.place);
      if (!isShown) throw new KernelError('NOT_FOUND', { what: 'row', id: oneLine(item.title) });
      return item;
    },
    'intercore.attention.act': async ({ itemId }) => {
      const item = await pickItem(deps, itemId, vscode.l10n.t('Resolve Needs You Item'));
      return await act(item);
    },
  };
}

/** Does what is best for an item, as from its row, so that a failure is shown to the person. */
export async function act({ id, action }: AttentionItem): Promise<unknown> {
  return await vscode.commands.executeCommand(action.command, { kind: 'need', id, ...action.args });
}

/** A line of a quick pick: what waits, why, and what choosing it does. */
export function choiceOf(item: AttentionItem): Choice<AttentionItem> {
  const { heading, reason } = ATTENTION[item.kind];
  const { label } = ATTENTION_ACTIONS[item.action.name];
  return {
    iconPath: new vscode.ThemeIcon('bell-dot'),
    label: `${vscode.l10n.t(label)}: ${plain(item.title)}`,
    description: vscode.l10n.t(heading),
    detail: oneLine(inWords(vscode.l10n, reason, shownFacts(vscode.l10n, item.facts))),
    value: item,
  };
}

async function pickItem({ attention }: CommandDeps, id: string | undefined, title: string): Promise<AttentionItem> {
  const items = attention.items();
  const named = items.find((item) => item.id === id);
  if (named !== undefined) return named;
  if (id !== undefined) throw new KernelError('NOT_FOUND', { what: 'item', id });
  if (items.length === 0) throw noneAvailable('item');
  return await choose({ title, placeholder: vscode.l10n.t('Select an item') }, items.map(choiceOf));
}
