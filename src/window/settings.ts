/** Reads the settings. No other module reads them from the editor; commands write them (`settingWrites.ts`). */
import * as vscode from 'vscode';
import {
  SETTINGS,
  SETTINGS_SECTION,
  type SettingName,
  type SettingSpec,
  type SettingValue,
} from '../contract/settings/settings';
import type { Log } from '../host/log';

/** The specifications in a type that keeps each name with its own. */
const SPECS: { readonly [S in SettingName]: SettingSpec<SettingValue<S>> } = SETTINGS;

export class Settings implements vscode.Disposable {
  /** What has been warned about, so that one bad value makes one line in the log. */
  private readonly warned = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<readonly SettingName[]>();
  private readonly watching: vscode.Disposable;

  /** Fires with the names that may have a new value. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: Log) {
    this.watching = vscode.workspace.onDidChangeConfiguration((event) => {
      const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => event.affectsConfiguration(name));
      if (names.length > 0) this.changed.fire(names);
    });
  }

  /** The value for a folder, or for the window. An invalid one counts as its default and is warned about once. */
  get<S extends SettingName>(name: S, folder?: string): SettingValue<S> {
    const { schema, fallback } = SPECS[name];
    const parsed = schema.safeParse(this.given(name, folder));
    if (parsed.success) return parsed.data;
    this.warnOnce(name, folder, parsed.error.issues[0]?.message ?? parsed.error.message);
    return fallback;
  }

  /** The value for the window, unless it is invalid. */
  valid<S extends SettingName>(name: S): SettingValue<S> | undefined {
    return SPECS[name].schema.safeParse(this.given(name, undefined)).data;
  }

  dispose(): void {
    vscode.Disposable.from(this.watching, this.changed).dispose();
  }

  /** As it is in the settings, valid or not. */
  given(name: SettingName, folder: string | undefined): unknown {
    const scope = folder === undefined ? undefined : vscode.Uri.file(folder);
    const key = name.slice(SETTINGS_SECTION.length + 1);
    const { fallback } = SPECS[name];
    return vscode.workspace.getConfiguration(SETTINGS_SECTION, scope).get<unknown>(key) ?? fallback;
  }

  private warnOnce(name: SettingName, folder: string | undefined, problem: string): void {
    const key = `${name}\n${folder ?? ''}`;
    if (this.warned.get(key) === problem) return;
    this.warned.set(key, problem);
    this.log.warn('setting is invalid; its default is used', { setting: name, problem });
  }
}
