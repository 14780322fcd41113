/** The settings of a leader: those that VS Code uses for the same folders, and those of the command line above them. */
import {
  SETTINGS,
  SETTINGS_SECTION,
  type SettingName,
  type SettingSpec,
  type SettingValue,
} from '../../contract/settings/settings';
import type { Log } from '../../host/log';
import type { SettingsReader } from '../../services/leader/settings';
import { isObject, type SettingsFile, type SettingsObject } from './settingsFiles';
import { because, type Reason } from '../../kernel/errors/reasons/problem';
import type { Clause } from '../../kernel/errors/reasons/reasons';

/** The specifications, typed so that each name has its own. */
const SPECS: { readonly [S in SettingName]: SettingSpec<SettingValue<S>> } = SETTINGS;
const NAMES = Object.keys(SETTINGS) as SettingName[];

export interface Layers {
  /** Of the user and the machine; later ones win. */
  readonly own: readonly SettingsFile[];
  readonly workspace: SettingsFile | undefined;
  /** By folder, for folders with settings. */
  readonly folders: ReadonlyMap<string, SettingsFile>;
  /** Whether there is one folder and no workspace file, so that its settings are those of the workspace. */
  readonly isOneFolder: boolean;
  /** Of the command line. */
  readonly given: SettingsObject;
}

export class LeaderSettings implements SettingsReader {
  /** Values already logged, so that each bad value is logged once. */
  private readonly warned = new Set<string>();

  /**
   * @param trustsFolders whether settings that start programs or weaken limits also apply from folders and the
   * workspace
   */
  constructor(
    private readonly layers: Layers,
    private readonly trustsFolders: boolean,
    private readonly log: Log,
  ) {}

  get<S extends SettingName>(name: S, folder?: string): SettingValue<S> {
    const { schema, fallback } = SPECS[name];
    const parsed = schema.safeParse(this.valueOf(name, folder) ?? fallback);
    if (parsed.success) return parsed.data;
    this.warnOnce(name, parsed.error.issues[0]?.message ?? parsed.error.message);
    return fallback;
  }

  /** The value, unless it is invalid or there are no settings of the person that it could be in. */
  known<S extends SettingName>(name: S): SettingValue<S> | undefined {
    const { own, given } = this.layers;
    if (own.length === 0 && !Object.hasOwn(given, name)) return undefined;
    const { schema, fallback } = SPECS[name];
    return schema.safeParse(this.valueOf(name, undefined) ?? fallback).data;
  }

  /** Settings of folders and of the workspace that are ignored, with the reason. */
  ignored(): { readonly setting: SettingName; readonly file: string; readonly because: 'scope' | 'trust' }[] {
    const { workspace, folders } = this.layers;
    const files = [...(workspace === undefined ? [] : [workspace]), ...folders.values()];
    return files.flatMap((file) =>
      NAMES.filter((name) => Object.hasOwn(file.settings, name)).flatMap((setting) => {
        const because = this.refusal(setting, file !== workspace);
        return because === undefined ? [] : [{ setting, file: file.file, because }];
      }),
    );
  }

  private valueOf(name: SettingName, folder: string | undefined): unknown {
    const { own, workspace, folders, given } = this.layers;
    const ofFolder = folder === undefined ? this.only() : folders.get(folder);
    const foreign = (file: SettingsFile | undefined, isFolder: boolean): SettingsObject[] =>
      file === undefined || this.refusal(name, isFolder) !== undefined ? [] : [file.settings];
    return [...own.map(({ settings }) => settings), ...foreign(workspace, false), ...foreign(ofFolder, true), given]
      .filter((settings) => Object.hasOwn(settings, name))
      .map((settings) => settings[name])
      .reduce((below: unknown, above) => laidOver(below, above), undefined);
  }

  /** The settings that count as those of the workspace. */
  private only(): SettingsFile | undefined {
    return this.layers.isOneFolder ? [...this.layers.folders.values()][0] : undefined;
  }

  private refusal(name: SettingName, isFolder: boolean): 'scope' | 'trust' | undefined {
    const { scope, power } = SPECS[name];
    if (scope === 'machine' || (scope === 'window' && isFolder && !this.layers.isOneFolder)) return 'scope';
    return power !== undefined && !this.trustsFolders ? 'trust' : undefined;
  }

  private warnOnce(setting: SettingName, problem: string): void {
    const key = `${setting} ${problem}`;
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.log.warn('setting is invalid; its default is used', { setting, problem });
  }
}

/** Merges objects as the editor does; everything else is replaced. */
function laidOver(below: unknown, above: unknown): unknown {
  return isObject(below) && isObject(above) ? { ...below, ...above } : above;
}

/**
 * Parses `--set <setting>=<json>`, with or without the section.
 * @returns the setting, or the problem
 */
export function givenSetting(
  text: string,
): { readonly name: SettingName; readonly value: unknown } | { readonly problem: Reason<Clause<'INVALID_ARGUMENT'>> } {
  const equals = text.indexOf('=');
  if (equals < 1) return { problem: because('it must be <setting>=<json>: {text}', { text }) };
  const short = text.slice(0, equals);
  const full = short.startsWith(`${SETTINGS_SECTION}.`) ? short : `${SETTINGS_SECTION}.${short}`;
  const name = NAMES.find((candidate) => candidate === full);
  if (name === undefined) return { problem: because('unknown setting: {name}', { name: short }) };
  const json = text.slice(equals + 1);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return {
      problem: because('the value of {name} is not JSON (put texts in double quotes): {json}', { name: short, json }),
    };
  }
  const parsed = SPECS[name].schema.safeParse(value);
  if (parsed.success) return { name, value };
  const said = parsed.error.issues[0]?.message ?? parsed.error.message;
  return { problem: because('{name}: {said}', { name: short, said }) };
}
