/** The permission policy of agents in sessions as a choice, for one start or for a task. */
import * as vscode from 'vscode';
import { POLICY_WORDS } from '../../contract/permissions/policyWords';
import { PERMISSION_POLICIES, type PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';
import { ALONE, choose, type StepPosition } from '../../window/dialogs/ask';
import { defined } from '../../kernel/defined';

/** Undefined for the policy of the settings. */
export async function choosePolicy(
  title: string,
  value: PermissionPolicy | undefined,
  place: StepPosition = ALONE,
): Promise<PermissionPolicy | undefined> {
  const placeholder = vscode.l10n.t('Select what agents in sessions may do without asking you');
  return await choose<PermissionPolicy | undefined>(
    { title, placeholder, ...defined({ value }) },
    [
      { label: vscode.l10n.t('As in the settings'), value: undefined },
      ...PERMISSION_POLICIES.map((policy) => ({ label: vscode.l10n.t(POLICY_WORDS[policy]), value: policy })),
    ],
    place,
  );
}

/** @param unasked kinds of the agents to start that ask for nothing */
export function policyRow(policy: PermissionPolicy | undefined, unasked: readonly string[] = []): string {
  if (unasked.length > 0 && policy !== undefined && policy !== 'allowAll') {
    const words = vscode.l10n.t(POLICY_WORDS[policy]);
    return vscode.l10n.t('Permissions: {0}. Not for {1}, whose agents ask for nothing', words, unasked.join(', '));
  }
  return policy === undefined
    ? vscode.l10n.t('Permissions: as in the settings')
    : vscode.l10n.t('Permissions: {0}', vscode.l10n.t(POLICY_WORDS[policy]));
}
