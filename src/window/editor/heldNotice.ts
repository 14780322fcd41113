/** A message, once for each limit, that work in this window waits for an account. */
import { shownFacts } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import type { AttentionItem } from '../../contract/results/attention';
import type { CommandId } from '../../contract/surfaces/commands';
import { ATTENTION } from '../../contract/results/attention';
import type { Log } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import type { Attention } from '../../services/attention/attention';
import { inBackground } from '../dialogs/background';
import { literally } from '../dialogs/present';

const RESUME: CommandId = 'intercore.account.resume';
const PAUSE: CommandId = 'intercore.account.pause';

export function showHeldAccounts(attention: Pick<Attention, 'items' | 'onDidChange'>, log: Log): Disposable {
  const shown = new Set<string>();
  return attention.onDidChange(() => {
    for (const item of attention.items()) {
      const key = keyOf(item);
      if (key === undefined || shown.has(key)) continue;
      shown.add(key);
      inBackground(log, 'showing that an account is held', () => show(item));
    }
  });
}

/** The same in every folder that waits for the account. */
function keyOf({ kind, since, title }: AttentionItem): string | undefined {
  return kind === 'accountHeld' ? `${title} ${since ?? ''}` : undefined;
}

async function show({ kind, title, facts }: AttentionItem): Promise<void> {
  const { heading, reason } = ATTENTION[kind];
  const message = `${title}: ${vscode.l10n.t(heading)}. ${inWords(vscode.l10n, reason, shownFacts(vscode.l10n, facts))}`;
  const [resume, pause] = [vscode.l10n.t('Resume Now'), vscode.l10n.t('Do Not Resume')];
  const chosen = await vscode.window.showWarningMessage(literally(message), resume, pause);
  const command = chosen === resume ? RESUME : chosen === pause ? PAUSE : undefined;
  if (command === undefined) return;
  // As from a row, so that a failure is shown to the person.
  await vscode.commands.executeCommand(command, { kind: 'need', id: '', agentKind: title });
}
