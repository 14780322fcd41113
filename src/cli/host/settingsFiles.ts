/** The settings files of VS Code and its relatives, found without the editor (docs/lead.md). */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { ifThere, readFailure } from '../../host/files/fileErrors';
import { readSmallFile, SMALL_FILE_BYTES } from '../../host/files/smallFile';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Reason } from '../../kernel/errors/reasons/problem';
import type { Clause } from '../../kernel/errors/reasons/reasons';

type Environment = Readonly<Record<string, string | undefined>>;
export type SettingsObject = Readonly<Record<string, unknown>>;

export interface SettingsFile {
  readonly file: string;
  readonly settings: SettingsObject;
  /** Set if it is not JSON with comments, or not an object. Readable parts apply, as in the editor. */
  readonly problem: Reason<Clause<'FILE_UNREADABLE'>> | undefined;
}

/** Products, in order: the first with settings is used. */
const PRODUCTS = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor'] as const;
const SERVERS = ['.vscode-server', '.vscode-server-insiders', '.vscodium-server', '.cursor-server'] as const;

/** Candidate paths of the user settings: the first that exists is used. */
export function userSettingsFiles(env: Environment, platform: NodeJS.Platform = process.platform): string[] {
  const portable = env['VSCODE_PORTABLE'];
  const data = dataFolder(env, platform);
  return [
    ...(portable === undefined ? [] : [path.join(portable, 'user-data', 'User', 'settings.json')]),
    ...(data === undefined ? [] : PRODUCTS.map((product) => path.join(data, product, 'User', 'settings.json'))),
  ];
}

/** Candidate paths of the machine settings, which remote windows use. */
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

/** The first file that exists. @throws KernelError `FILE_UNREADABLE` */
export async function firstOf(files: readonly string[]): Promise<SettingsFile | undefined> {
  const file = files.find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : ownSettings(file);
}

/** A file of the user, which may be a link. @throws KernelError `FILE_UNREADABLE` */
export async function ownSettings(file: string): Promise<SettingsFile> {
  try {
    return parsedSettings(file, await readFile(file, 'utf8'));
  } catch (error) {
    throw readFailure(file, error);
  }
}

/** A file that came with a folder: it must be small and not a link. Undefined if there is none. */
export async function folderSettings(folder: string): Promise<SettingsFile | undefined> {
  const file = path.join(folder, '.vscode', 'settings.json');
  const text = await ifThere(readSmallFile(file, SMALL_FILE_BYTES)).catch((error: unknown) => {
    throw readFailure(file, error);
  });
  return text === undefined ? undefined : parsedSettings(file, text);
}

export interface EditorLayers {
  /** Of the user and the machine; later ones win. */
  readonly own: readonly SettingsFile[];
  /** By folder, for folders with settings. */
  readonly folders: ReadonlyMap<string, SettingsFile>;
}

/**
 * The editor's settings for folders. `own`: used in place of the user's files.
 * @throws KernelError `FILE_UNREADABLE`
 */
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

function settingsIn(file: string, value: unknown, problem?: SettingsFile['problem']): SettingsFile {
  if (isObject(value)) return { file, settings: value, problem };
  const noObject = because('the settings are not an object and were ignored');
  return { file, settings: {}, problem: problem ?? (value === undefined ? undefined : noObject) };
}

export function isObject(value: unknown): value is SettingsObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with comments and trailing commas, as the editor reads it. An empty text has no value. */
export function parseJsonc(text: string): { readonly value: unknown; readonly problem: SettingsFile['problem'] } {
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: true, allowEmptyContent: true };
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, options);
  const [first] = errors;
  const line = text.slice(0, first?.offset ?? 0).split('\n').length;
  return { value, problem: first && because('line {line}: {said}', { line, said: printParseErrorCode(first.error) }) };
}

export interface Workspace {
  /** Absolute. */
  readonly folders: readonly string[];
  /** Entries that are not a folder on this machine: on another machine, or missing. */
  readonly left: readonly string[];
  readonly settings: SettingsFile;
}

/**
 * A `.code-workspace` file.
 * @throws KernelError `FILE_UNREADABLE`, also if it is not a workspace file
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
    // Not an address of a path: listed unchanged.
    return undefined;
  }
}

function isFolder(name: string): boolean {
  try {
    return statSync(name).isDirectory();
  } catch {
    // Missing or unreachable: it cannot be led.
    return false;
  }
}
