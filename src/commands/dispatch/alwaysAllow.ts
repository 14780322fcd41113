/** *Always Allow Here*: rules that would allow a request, with their meaning and the JSON that would be written. */
import * as vscode from 'vscode';
import type { PermissionRule } from '../../contract/permissions/model';
import { suggest, type SuggestedRule } from '../../contract/permissions/suggest';
import type { OpenRequest } from '../../contract/sessions';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/problem';
import { choose } from '../../window/dialogs/ask';
import { oneLine } from '../../window/dialogs/labels';

/** @throws KernelError `NONE_AVAILABLE` where no rule would allow just such requests */
export async function chooseRule(request: OpenRequest, folder: string): Promise<PermissionRule> {
  const suggested = request.kind === 'permission' && request.mayAllow ? suggest(request, folder) : [];
  if (suggested.length === 0) {
    throw new KernelError('NONE_AVAILABLE', { problem: because('No rule can allow only requests like this one.') });
  }
  return await choose(
    {
      title: vscode.l10n.t('Always Allow Here'),
      placeholder: vscode.l10n.t('Select the rule to add to your settings. It applies to this project only.'),
    },
    suggested.map((suggestion) => ({
      label: iconless(oneLine(wordsOf(suggestion))),
      detail: iconless(JSON.stringify(suggestion.rule)),
      value: suggestion.rule,
    })),
  );
}

function wordsOf({ scope, subject }: SuggestedRule): string {
  switch (scope) {
    case 'command':
      return vscode.l10n.t('Only this command: {command}', { command: subject });
    case 'program':
      return vscode.l10n.t('{program} with any arguments, as a single command', { program: subject });
    case 'mcpTool':
      return vscode.l10n.t('The MCP tool {tool}, with any input', { tool: subject });
    case 'mcpServer':
      return vscode.l10n.t('Every tool of the MCP server {server}', { server: subject });
    case 'inside':
      return vscode.l10n.t('The tool {tool} inside the worktree', { tool: subject });
  }
}

/** Nothing in it is read as an icon. */
function iconless(text: string): string {
  return text.replaceAll('$(', String.raw`\$(`);
}
