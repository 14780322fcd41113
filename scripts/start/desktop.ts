/** Shows the demo in the desktop VS Code, with nothing of the person's own VS Code in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { identify, type ProcessIdentity } from '../../src/host/process/processIdentity';
import { findOnPath, isExecutable, stopGroup } from '../../tools/command';
import { stageExtension } from '../../tools/stagedExtension';

const STOP_GRACE_MS = 5000;

/** The executable of an installed VS Code: the one `code` belongs to, else one in a usual place, else undefined. */
export async function findDesktop(): Promise<string | undefined> {
  const command = await findOnPath('code');
  const besides = command === undefined ? [] : executablesOf(path.dirname(await realpath(command)));
  for (const candidate of [...besides, ...usualPlaces()]) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** `code` is a script in a folder of the application; the application itself can be watched and stopped. */
function executablesOf(scriptFolder: string): string[] {
  if (process.platform === 'darwin') return macExecutables(path.resolve(scriptFolder, '../../../..'));
  return [path.resolve(scriptFolder, '..', process.platform === 'win32' ? 'Code.exe' : 'code')];
}

const macExecutables = (app: string): string[] => ['Electron', 'Code'].map((n) => path.join(app, 'Contents/MacOS', n));

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    return ['/Applications', path.join(homedir(), 'Applications')].flatMap((folder) =>
      macExecutables(path.join(folder, 'Visual Studio Code.app')),
    );
  }
  if (process.platform === 'win32') {
    const folders = [path.join(process.env['LOCALAPPDATA'] ?? '', 'Programs'), process.env['ProgramFiles'] ?? ''];
    return folders.map((folder) => path.join(folder, 'Microsoft VS Code', 'Code.exe'));
  }
  return ['/usr/share/code/code', '/snap/code/current/usr/share/code/code', '/opt/visual-studio-code/code'];
}

export interface DesktopWindow {
  readonly identity: ProcessIdentity;
  /** Settles when the person closes VS Code. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Opens the workspace with the built extension under development. Throws when VS Code cannot start. */
export async function openInDesktop(
  executable: string,
  workspace: string,
  data: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<DesktopWindow> {
  await mkdir(path.join(data, 'User'), { recursive: true });
  await writeFile(path.join(data, 'User/settings.json'), JSON.stringify(settings, null, 2));
  const extension = await stageExtension(path.join(data, 'extension-under-development'));
  const child: ChildProcess = spawn(
    executable,
    [
      ...[workspace, '--new-window', `--extensionDevelopmentPath=${extension}`, `--user-data-dir=${data}`],
      ...[`--extensions-dir=${path.join(data, 'extensions')}`, '--disable-workspace-trust', '--skip-release-notes'],
      ...asRoot(),
    ],
    { stdio: 'ignore', detached: true, env: outsideVsCode() },
  );
  await once(child, 'spawn');
  const ended = once(child, 'exit').then(() => undefined);
  const identity = await identify(child.pid ?? 0);
  return { identity, ended, stop: () => stopGroup(child, STOP_GRACE_MS) };
}

/** Brings the window that shows the workspace to the front: VS Code hands over to its instance with the same data. */
export async function focusDesktop(executable: string, workspace: string, data: string): Promise<void> {
  const args = [workspace, `--user-data-dir=${data}`, `--extensions-dir=${path.join(data, 'extensions')}`];
  const child = spawn(executable, [...args, ...asRoot()], { stdio: 'ignore', detached: true, env: outsideVsCode() });
  await once(child, 'spawn');
  child.unref();
}

const asRoot = (): string[] => (process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []);

/** In a terminal of VS Code these variables would make the new one a part of the old one. */
function outsideVsCode(): NodeJS.ProcessEnv {
  const isKept = ([name]: [string, unknown]): boolean => !/^(VSCODE|ELECTRON)_/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(isKept));
}
