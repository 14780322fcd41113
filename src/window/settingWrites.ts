/** Writes settings. Only commands do, so a window does not load this at its start. */
import * as vscode from 'vscode';
import type { PermissionRule } from '../contract/permissions/model';
import { SETTINGS, SETTINGS_SECTION, type SettingName, type SettingValue } from '../contract/settings/settings';
import { KernelError } from '../kernel/errors/errors';
import { foreignText } from '../kernel/errors/reasons/problem';

/** For a folder: into its own settings where several folders are open, else into the workspace's. */
export async function writeSetting<S extends SettingName>(
  name: S,
  value: SettingValue<S>,
  folder: string,
): Promise<void> {
  const { ConfigurationTarget, workspace } = vscode;
  const target =
    workspace.workspaceFile === undefined ? ConfigurationTarget.Workspace : ConfigurationTarget.WorkspaceFolder;
  await configurationOf(folder).update(keyOf(name), value, target);
}

/** Into the settings that decide for the folder now, if there are any, else into those of the user. */
export async function writeDefaultKind(kind: string, folder: string | undefined): Promise<void> {
  const { ConfigurationTarget } = vscode;
  const key = keyOf('intercore.agents.default');
  const configuration = configurationOf(folder);
  const decides = configuration.inspect<unknown>(key);
  const target =
    decides?.workspaceFolderValue !== undefined
      ? ConfigurationTarget.WorkspaceFolder
      : decides?.workspaceValue !== undefined
        ? ConfigurationTarget.Workspace
        : ConfigurationTarget.Global;
  await configuration.update(key, kind, target);
}

/** Changes the rules of the person, which are settings of this machine. @throws KernelError `SETTING_INVALID` */
export async function changePermissionRules(
  change: (rules: readonly PermissionRule[]) => readonly PermissionRule[],
): Promise<void> {
  const name = 'intercore.agents.permissionRules';
  const key = keyOf(name);
  const configuration = configurationOf(undefined);
  const { schema } = SETTINGS[name];
  const given = schema.safeParse(configuration.inspect<unknown>(key)?.globalValue ?? []);
  const wanted = given.success ? schema.safeParse(change(given.data)) : given;
  if (!wanted.success) {
    const problem = foreignText(wanted.error.issues[0]?.message ?? wanted.error.message);
    throw new KernelError('SETTING_INVALID', { setting: name, problem });
  }
  if (JSON.stringify(wanted.data) === JSON.stringify(given.data)) return;
  await configuration.update(key, wanted.data, vscode.ConfigurationTarget.Global);
}

function configurationOf(folder: string | undefined): vscode.WorkspaceConfiguration {
  const scope = folder === undefined ? undefined : vscode.Uri.file(folder);
  return vscode.workspace.getConfiguration(SETTINGS_SECTION, scope);
}

function keyOf(name: SettingName): string {
  return name.slice(SETTINGS_SECTION.length + 1);
}
