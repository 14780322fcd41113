/** The command that tells other programs of `ic mcp`. */
import path from 'node:path';
import * as vscode from 'vscode';
import { kernelOf, requireTrust } from '../../services/operations/host';
import { planMcpConfig, writeMcpConfig, type McpConfigPlan } from '../../services/dispatch/context/mcpConfig';
import { confirm } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickFolder } from '../shared/pickers';

export function mcpCommands(deps: CommandDeps): HandlersOf<'mcp'> {
  return {
    'intercore.mcp.writeConfig': async (args) => {
      requireTrust(deps.host, 'write .mcp.json');
      const title = vscode.l10n.t('Write .mcp.json');
      const folder = await pickFolder(deps, args.folder, { title, action: 'write .mcp.json in' });
      const kernel = await kernelOf(deps.host, { folder }, 'write .mcp.json');
      const plan = await planMcpConfig(kernel.folder);
      if (plan.content !== undefined) {
        await confirm(args.confirm, {
          message: vscode.l10n.t('Add the Intercore tool server to .mcp.json in {folder}?', {
            folder: path.basename(folder),
          }),
          detail: [...existing(plan), plan.content].join('\n\n'),
          verb: vscode.l10n.t('Write .mcp.json'),
        });
        await writeMcpConfig(plan);
      }
      if (args.confirm === undefined) await vscode.window.showTextDocument(vscode.Uri.file(plan.file));
      return plan.file;
    },
  };
}

/** Which entries of an existing file are kept, and which are replaced. */
function existing({ exists, others, replaces }: McpConfigPlan): string[] {
  if (!exists) return [vscode.l10n.t('The file .mcp.json is created. Programs that read it need `ic` on their PATH.')];
  return [
    others.length === 0
      ? vscode.l10n.t('An entry is added to the existing file .mcp.json.')
      : vscode.l10n.t('These servers are not changed: {names}.', { names: others.join(', ') }),
    ...(replaces === undefined ? [] : [vscode.l10n.t('This entry is replaced: {entry}', { entry: replaces })]),
  ];
}
