/** Messages about new requests of agents, where a setting asks for them: one for each request on this machine. */
import { shownFacts } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { ATTENTION, type AttentionItem } from '../../contract/results/attention';
import type { CommandId } from '../../contract/surfaces/commands';
import { systemCode } from '../../host/files/fileErrors';
import { findDispatchFiles } from '../../host/launcher/dispatchFiles';
import type { Log } from '../../host/log';
import { inBackground } from '../dialogs/background';
import { literally } from '../dialogs/present';

const ALLOW: CommandId = 'intercore.session.allow';
const REVEAL: CommandId = 'intercore.attention.reveal';

/** What this window has checked. */
const known = new Set<string>();

export function noticeRequests(items: readonly AttentionItem[], storages: readonly string[], log: Log): void {
  for (const item of items) {
    const { dispatchId, number } = item.action.args;
    if (item.kind !== 'permissionAsked' && item.kind !== 'questionAsked') continue;
    if (dispatchId === undefined || number === undefined || known.has(item.id)) continue;
    known.add(item.id);
    inBackground(log, 'showing a request of an agent', async () => {
      if (await isFirst(storages, dispatchId, number)) await show(item);
    });
  }
}

/** Whether no other window has shown the request: the first one makes a file next to the session's. */
async function isFirst(storages: readonly string[], dispatchId: string, number: number): Promise<boolean> {
  const files = await findDispatchFiles(storages, dispatchId);
  if (files === undefined) return false;
  try {
    await writeFile(path.join(files.records, `shown-${number}`), '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function show({ id, kind, title, facts, action }: AttentionItem): Promise<void> {
  const { heading, reason } = ATTENTION[kind];
  const message = `${title}: ${vscode.l10n.t(heading)}. ${inWords(vscode.l10n, reason, shownFacts(vscode.l10n, facts))}`;
  const [allow, reveal] = [vscode.l10n.t('Allow Once'), vscode.l10n.t('Show')];
  const offered = action.name === 'allowRequest' ? [allow, reveal] : [reveal];
  const chosen = await vscode.window.showInformationMessage(literally(message), ...offered);
  if (chosen === undefined) return;
  const command = chosen === allow ? ALLOW : REVEAL;
  // As from a row, so that a failure is shown to the person.
  await vscode.commands.executeCommand(command, { kind: 'need', id: '', itemId: id, ...action.args });
}
