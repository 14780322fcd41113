/** The files that VS Code and its relatives keep settings in, found without them (docs/lead.md). */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { ifThere, readFailure } from '../../host/files/fileErrors';
import { readSmallFile, SMALL_FILE_BYTES } from '../../host/files/smallFile';
import { KernelError } from '../../kernel/errors/errors';

type Environment = Readonly<Record<string, string | undefined>>;
export type SettingsObject = Readonly<Record<string, unknown>>;

export interface SettingsFile {
  readonly file: string;
  readonly settings: SettingsObject;
  /** Where it is not JSON with comments, or no object; what could be read counts, as in the editor. */
  readonly problem: string | undefined;
}

const NO_OBJECT = 'the settings are no object, so none of them counts';

/** Products in the order in which the first that has settings is taken. */
const PRODUCTS = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor'] as const;
const SERVERS = ['.vscode-server', '.vscode-server-insiders', '.vscodium-server', '.cursor-server'] as const;

/** Where settings of the user may be, the first that exists first. */
export function userSettingsFiles(env: Environment, platform: NodeJS.Platform = process.platform): string[] {
  const portable = env['VSCODE_PORTABLE'];
  const data = dataFolder(env, platform);
  return [
    ...(portable === undefined ? [] : [path.join(portable, 'user-data', 'User', 'settings.json')]),
    ...(data === undefined ? [] : PRODUCTS.map((product) => path.join(data, product, 'User', 'settings.json'))),
  ];
}

/** Where settings of the machine may be that remote windows use. */
export function machineSettingsFiles(env: Environment): string[] {
  const home = homeOf(env);
  return home === undefined ? [] : SERVERS.map((server) => path.join(home, server, 'data', 'Machine', 'settings.json'));
}

function dataFolder(env: Environment, platform: NodeJS.Platform): string | undefined {
  const home = homeOf(env);
  if (platform === 'win32') return env['APPDATA'] ?? (home && path.join(home, 'AppData', 'Roaming'));
  if (platform === 'darwin') return home && path.join(home, 'Library', 'Application Support');
  return env['XDG_CONFIG_HOME'] ?? (home && path.join(home, '.config'));
}

function homeOf(env: Environment): string | undefined {
  return env['HOME'] ?? env['USERPROFILE'];
}

/** The first that exists. @throws KernelError `FILE_UNREADABLE` */
export async function firstOf(files: readonly string[]): Promise<SettingsFile | undefined> {
  const file = files.find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : ownSettings(file);
}

/** A file of the person's own, which may be a link. @throws KernelError `FILE_UNREADABLE` */
export async function ownSettings(file: string): Promise<SettingsFile> {
  try {
    return parsedSettings(file, await readFile(file, 'utf8'));
  } catch (error) {
    throw readFailure(file, error);
  }
}

/** A file that came with a folder: small, and no link. Undefined where there is none. */
export async function folderSettings(folder: string): Promise<SettingsFile | undefined> {
  const file = path.join(folder, '.vscode', 'settings.json');
  const text = await ifThere(readSmallFile(file, SMALL_FILE_BYTES)).catch((error: unknown) => {
    throw readFailure(file, error);
  });
  return text === undefined ? undefined : parsedSettings(file, text);
}

export interface EditorLayers {
  /** Of the user and the machine, the weaker first. */
  readonly own: readonly SettingsFile[];
  /** By folder, where one has settings. */
  readonly folders: ReadonlyMap<string, SettingsFile>;
}

/** What the editor takes for folders. `own` given: in place of its files. @throws KernelError `FILE_UNREADABLE` */
export async function editorLayers(
  env: Environment,
  folders: readonly string[],
  own?: SettingsFile,
): Promise<EditorLayers> {
  const ofEditor = [userSettingsFiles(env), machineSettingsFiles(env)];
  const found = own === undefined ? await Promise.all(ofEditor.map(firstOf)) : [own];
  const ofFolders = new Map<string, SettingsFile>();
  for (const folder of folders) {
    const settings = await folderSettings(folder);
    if (settings !== undefined) ofFolders.set(folder, settings);
  }
  return { own: found.flatMap((file) => file ?? []), folders: ofFolders };
}

function parsedSettings(file: string, text: string): SettingsFile {
  const { value, problem } = parseJsonc(text);
  return settingsIn(file, value, problem);
}

function settingsIn(file: string, value: unknown, problem?: string): SettingsFile {
  if (isObject(value)) return { file, settings: value, problem };
  return { file, settings: {}, problem: problem ?? (value === undefined ? undefined : NO_OBJECT) };
}

export function isObject(value: unknown): value is SettingsObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with comments and trailing commas, as the editor reads it; an empty text is no value. */
export function parseJsonc(text: string): { readonly value: unknown; readonly problem: string | undefined } {
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: true, allowEmptyContent: true };
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, options);
  const [first] = errors;
  const line = text.slice(0, first?.offset ?? 0).split('\n').length;
  return { value, problem: first && `line ${line}: ${printParseErrorCode(first.error)}` };
}

export interface Workspace {
  /** Absolute. */
  readonly folders: readonly string[];
  /** Entries that are no folder on this machine: on another, or not there. */
  readonly left: readonly string[];
  readonly settings: SettingsFile;
}

/**
 * A `.code-workspace` file.
 * @throws KernelError `FILE_UNREADABLE`, also for what is no workspace file
 */
export async function readWorkspace(file: string): Promise<Workspace> {
  const { settings: content, problem } = await ownSettings(file);
  if (problem !== undefined) throw new KernelError('FILE_UNREADABLE', { path: file, problem });
  const listed: readonly unknown[] = Array.isArray(content['folders']) ? content['folders'] : [];
  const named = listed.map((entry) => (isObject(entry) ? (folderOf(file, entry) ?? entry['uri']) : entry));
  const [folders, left]: [string[], string[]] = [[], []];
  for (const entry of named) {
    if (typeof entry === 'string' && path.isAbsolute(entry) && isFolder(entry)) folders.push(entry);
    else left.push(typeof entry === 'string' ? entry : JSON.stringify(entry ?? null));
  }
  return { folders, left, settings: settingsIn(file, content['settings']) };
}

/** A path, or the address of a folder on this machine. */
function folderOf(file: string, { path: named, uri }: SettingsObject): string | undefined {
  if (typeof named === 'string') return path.resolve(path.dirname(file), named);
  if (typeof uri !== 'string' || !uri.startsWith('file:///')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    // No address that a path can be made of: it is named as it is.
    return undefined;
  }
}

function isFolder(name: string): boolean {
  try {
    return statSync(name).isDirectory();
  } catch {
    // Not there, or not to be reached: either way it cannot be led.
    return false;
  }
}
