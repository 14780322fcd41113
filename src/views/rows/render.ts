/** Rows as the editor draws them. */
import * as vscode from 'vscode';
import type { CommandId } from '../../contract/surfaces/commands';
import { documentUri } from '../../contract/pages/documents';
import { literalMarkdown } from './format';
import type { Opens, Row, Tooltip } from './row';
import { startOf } from '../../kernel/text/storableText';

const REVEAL_PLACE: CommandId = 'intercore.attention.reveal';

export function treeItem(row: Row): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, COLLAPSE[row.expands]);
  const { icon } = row;
  item.id = row.ref.id;
  item.contextValue = row.contextValue;
  item.iconPath = new vscode.ThemeIcon(
    icon.id,
    icon.color === undefined ? undefined : new vscode.ThemeColor(icon.color),
  );
  item.accessibilityInformation = { label: row.spoken };
  if (row.description !== undefined) item.description = row.description;
  if (row.opens !== undefined) item.command = openCommand(row.opens);
  return item;
}

/** In UTF-16 units, of each part of a tooltip. */
const LONGEST_PART = 2000;

/** All parts are escaped and cut, so that foreign text is never rendered as markup. */
export function tooltipMarkdown(tooltip: Tooltip): vscode.MarkdownString {
  const shown = (text: string): string => literalMarkdown(startOf(text, LONGEST_PART));
  const facts = tooltip.facts.map(([name, value]) => `${shown(name)}: ${shown(value)}`);
  const text = tooltip.text === undefined ? [] : [shown(tooltip.text)];
  const parts = [`**${shown(tooltip.title)}**`, facts.join('  \n'), ...text];
  return new vscode.MarkdownString(parts.join('\n\n'));
}

const COLLAPSE: Readonly<Record<Row['expands'], vscode.TreeItemCollapsibleState>> = {
  no: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
};

function openCommand(opens: Opens): vscode.Command {
  if (opens.what === 'place') {
    const { itemId } = opens;
    // As from a row, so that a failure is shown to the person.
    const row = { kind: 'need', id: itemId, itemId };
    return { command: REVEAL_PLACE, title: vscode.l10n.t('Go To'), arguments: [row] };
  }
  const uri = opens.what === 'file' ? vscode.Uri.file(opens.path) : vscode.Uri.parse(documentUri(opens.target), true);
  return { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uri] };
}
