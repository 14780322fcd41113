/** The permission policy of agents in sessions as a choice, for one start or for a task. */
import * as vscode from 'vscode';
import { PERMISSION_POLICIES, type PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';
import { ALONE, choose, type StepPosition } from '../../window/dialogs/ask';

export function policyWords(policy: PermissionPolicy): string {
  const { l10n } = vscode;
  return {
    askAll: l10n.t('Ask for everything'),
    freeInside: l10n.t('Free inside the worktree'),
    denyAsked: l10n.t('Deny what would ask'),
    allowAll: l10n.t('Allow everything'),
  }[policy];
}

/** Undefined for the policy of the settings. */
export async function choosePolicy(
  title: string,
  value: PermissionPolicy | undefined,
  place: StepPosition = ALONE,
): Promise<PermissionPolicy | undefined> {
  const placeholder = vscode.l10n.t('Select what agents in sessions may do without asking you');
  return await choose<PermissionPolicy | undefined>(
    { title, placeholder, ...(value === undefined ? {} : { value }) },
    [
      { label: vscode.l10n.t('As in the settings'), value: undefined },
      ...PERMISSION_POLICIES.map((policy) => ({ label: policyWords(policy), value: policy })),
    ],
    place,
  );
}

export function policyRow(policy: PermissionPolicy | undefined): string {
  return policy === undefined
    ? vscode.l10n.t('Permissions: as in the settings')
    : vscode.l10n.t('Permissions: {0}', policyWords(policy));
}
