/** *Always Allow Here*: rules that would allow a request, with their meaning and the JSON that would be written. */
import * as vscode from 'vscode';
import type { PermissionRule } from '../../../contract/permissions/model';
import { placeOf, withRule } from '../../../contract/permissions/placement';
import { suggest, type SuggestedRule } from '../../../contract/permissions/suggest';
import type { OpenRequest } from '../../../contract/sessions';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { choose } from '../../../window/dialogs/ask';
import { oneLine } from '../../../window/dialogs/labels';

interface OtherRule {
  readonly number: number;
  readonly rule: PermissionRule;
}

/**
 * @returns undefined to allow the request once, where rules of the person still decide about what the others would allow
 * @throws KernelError `NONE_AVAILABLE` where no rule would allow just such requests
 */
export async function chooseRule(
  request: OpenRequest,
  folder: string,
  rules: readonly PermissionRule[],
): Promise<PermissionRule | undefined> {
  if (request.kind !== 'permission' || !request.mayAllow) throw noRule();
  const suggested = suggest(request, folder).map((one) => ({ ...one, place: placeOf(rules, one.rule, request) }));
  if (suggested.length === 0) throw noRule();
  const blocking = suggested.find(({ place }) => place.kind === 'none')?.place;
  return await choose<PermissionRule | undefined>(
    {
      title: vscode.l10n.t('Always Allow Here'),
      placeholder: vscode.l10n.t('Select the rule to add to your settings. It applies to this project only.'),
    },
    [
      ...suggested
        .filter(({ place }) => place.kind !== 'none')
        .map((suggestion) => ({
          label: iconless(oneLine(wordsOf(suggestion))),
          ...(suggestion.place.kind === 'before' ? { description: beforeWords(suggestion.place) } : {}),
          detail: iconless(JSON.stringify(suggestion.rule)),
          value: suggestion.rule,
        })),
      ...(blocking?.kind === 'none'
        ? [{ label: vscode.l10n.t('Allow Once'), detail: decidesWords(blocking), value: undefined }]
        : []),
    ],
  );
}

/** @throws KernelError `NONE_AVAILABLE` where the rules have changed, and one of them decides */
export function withRuleFor(
  request: OpenRequest,
  rule: PermissionRule,
  rules: readonly PermissionRule[],
): readonly PermissionRule[] {
  if (request.kind !== 'permission') throw noRule();
  const place = placeOf(rules, rule, request);
  if (place.kind === 'none') throw noRule();
  return withRule(rules, rule, place);
}

function noRule(): KernelError {
  return new KernelError('NONE_AVAILABLE', { problem: because('No rule can allow only requests like this one.') });
}

function beforeWords({ number, rule }: OtherRule): string {
  return iconless(vscode.l10n.t('Before rule {number}: {rule}', { number, rule: JSON.stringify(rule) }));
}

function decidesWords({ number, rule }: OtherRule): string {
  const facts = { number, rule: JSON.stringify(rule) };
  const text =
    rule.folder === undefined
      ? vscode.l10n.t('Rule {number} of all projects still decides: {rule}', facts)
      : vscode.l10n.t('Rule {number} of this project still decides: {rule}', facts);
  return iconless(text);
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
