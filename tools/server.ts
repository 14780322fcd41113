/** One VS Code server: started on a free port of this machine only, with data of its own, and stopped as a whole. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SETTINGS } from '../src/contract/settings/settings';
import { run, stopGroup } from './command';
import type { VsCodeServer } from './install';
import { inProject } from './project';

export interface ServerOptions {
  readonly install: VsCodeServer;
  /** Holds settings, logs and state of this server. User settings live here too, not in the browser. */
  readonly dataFolder: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Extensions that are installed, not under development. Default: none. */
  readonly extensionsFolder?: string;
  /** `asked`: Workspace Trust works as for a user. `off`: everything is trusted. */
  readonly trust: 'asked' | 'off';
  /** `lean`: only the built-in extensions a test needs. `all`: what a user has. */
  readonly builtins: 'lean' | 'all';
  /** Lets a page ask for a test run in its address. Then VS Code shows no toasts. */
  readonly testDriver: boolean;
  /** A secret that the address must carry; without one anyone on this machine may connect. */
  readonly token?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  /** `127.0.0.1:PORT`, also the authority of its `vscode-remote:` addresses. */
  readonly host: string;
  readonly logFile: string;
  readonly dataFolder: string;
  /** Settles when the server ends, however it ends. */
  readonly ended: Promise<void>;
  /** Stops it and all its extension hosts and terminals; returns when they are gone. */
  stop(): Promise<void>;
}

/** How long a server keeps the extension host of a page that it lost. */
const LOST_PAGE_S = 5;

const START_TIMEOUT_MS = 120_000;
const ASK_AGAIN_MS = 50;
const STOP_GRACE_MS = 4000;

/** Where a server keeps the data of its user, below its own. */
export const userData = (dataFolder: string): string => path.join(dataFolder, 'data');

/** A window of a server takes what belongs to the machine from settings of their own, and from the user's by chance only. */
export async function writeSettings(
  settings: Readonly<Record<string, unknown>>,
  { user, machine }: { readonly user: string; readonly machine: string },
): Promise<void> {
  const ofMachine = Object.entries(settings).filter(([name]) => scopeOf(name)?.startsWith('machine') === true);
  const files = [
    [userData(user), 'User', settings],
    [userData(machine), 'Machine', Object.fromEntries(ofMachine)],
  ] as const;
  for (const [folder, name, content] of files) {
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, 'settings.json'), JSON.stringify(content, null, 2));
  }
}

function scopeOf(name: string): string | undefined {
  return Object.entries(SETTINGS).find(([declared]) => declared === name)?.[1].scope;
}

/** Starts a server and returns once it answers. Throws with its log when it ends first or does not answer in a minute. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataFolder, install } = options;
  const port = options.port ?? (await freePort());
  await writeSettings(options.settings, { user: dataFolder, machine: dataFolder });

  const logFile = path.join(dataFolder, 'server.log');
  const log = openSync(logFile, 'w');
  const child = spawn(install.node, serverArguments(options, port), {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    // An empty gallery keeps the server from calling out.
    env: { ...process.env, EXTENSIONS_GALLERY: '{}', ...options.env },
  });
  closeSync(log);
  child.channel?.unref();
  const ended = once(child, 'exit').then(() => undefined);
  try {
    await answers(child, port, logFile);
  } catch (cause) {
    await stopGroup(child, STOP_GRACE_MS);
    throw cause;
  }
  return { host: `127.0.0.1:${port}`, logFile, dataFolder, ended, stop: () => stopGroup(child, STOP_GRACE_MS) };
}

/** Installs a packaged extension into a folder of extensions. Throws when the package is refused. */
export async function installPackage(install: VsCodeServer, file: string, folder: string, data: string): Promise<void> {
  const main = path.join(install.app, 'out/server-main.js');
  const places = ['--server-data-dir', data, '--extensions-dir', folder];
  await run(install.node, [main, '--accept-server-license-terms', ...places, '--install-extension', file], {
    what: 'The extension could not be installed',
    env: { ...process.env, EXTENSIONS_GALLERY: '{}' },
  });
}

function serverArguments(options: ServerOptions, port: number): string[] {
  return [
    ...['--require', inProject('out/tools/shims/parentGuard.js')],
    path.join(options.install.app, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(port), '--accept-server-license-terms', '--disable-telemetry'],
    ...(options.token === undefined ? ['--without-connection-token'] : ['--connection-token', options.token]),
    ...['--server-data-dir', options.dataFolder],
    // A page that closed without a word keeps its extension host for three hours otherwise.
    ...['--reconnection-grace-time', String(LOST_PAGE_S)],
    ...(options.extensionsFolder === undefined ? [] : ['--extensions-dir', options.extensionsFolder]),
    ...(options.trust === 'off' ? ['--disable-workspace-trust'] : []),
    ...(options.builtins === 'lean' ? ['--builtin-extensions-dir', options.install.leanBuiltins] : []),
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ];
}

async function answers(child: ChildProcess, port: number, logFile: string): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await isAnswering(port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
      throw new Error(`The VS Code server did not start. Its log:\n${await readFile(logFile, 'utf8')}`);
    }
    // Another process tells us nothing when it starts to listen, so it has to be asked.
    await delay(ASK_AGAIN_MS);
  }
}

function isAnswering(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/version' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('error', () => resolve(false)).end();
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
