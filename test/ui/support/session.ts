/** One window of a real VS Code in a browser: opened for a test file, closed after it. Its server is shared where it can be. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import {
  keepBootPatch,
  patchBoot,
  remoteUri,
  windowAddress,
  type BootPatch,
} from '../../support/vscode/bootConfiguration';
import { launchBrowser } from '../../../tools/browser';
import { prepareFixture, type FixtureName, type Opened } from '../../support/vscode/fixtures';
import { ensureVsCodeServer } from '../../../tools/install';
import { makeTmpFolder } from '../../../tools/project';
import { startServer, userData, writeSettings, type RunningServer } from '../../../tools/server';
import { QUIET_SETTINGS } from '../../support/vscode/settings';
import { stageExtension } from '../../../tools/stagedExtension';
import { borrowWindow, type SharedWindow } from './sharedWindow';
import { prepareContext } from './windowContext';
import { showsFolders } from './workspaceFolders';
import { defined } from '../../../src/kernel/defined';

export interface SessionOptions {
  /** A fixture made new, or what is there already. Default: `folder`. */
  readonly opens?: FixtureName | Opened;
  /** Added to the quiet settings of all tests. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Default: Dark Modern. Others: Light Modern, Default High Contrast. */
  readonly theme?: string;
  /** `off` (default): everything is trusted. `restricted`: not trusted yet. `prompt`: VS Code asks at the start. */
  readonly trust?: 'off' | 'restricted' | 'prompt';
  /** Folders of extensions under development. Default: a copy of this one as it is built. */
  readonly extensions?: readonly string[];
  /** `lean`: starts faster, but VS Code shows errors about the built-in extensions it misses. Default: all. */
  readonly builtins?: 'lean' | 'all';
  readonly env?: Readonly<Record<string, string>>;
  /** The display language that extensions are given; the texts of the workbench itself stay English. Default: English. */
  readonly language?: string;
  /** Changes to the product's or the window's boot configuration. */
  readonly boot?: BootPatch;
  readonly width?: number;
  readonly height?: number;
  /** Pixels of the picture for each of the page, where pictures of the documentation are taken. Default 1. */
  readonly scale?: number;
}

export interface Session {
  readonly page: Page;
  readonly server: RunningServer;
  readonly opened: Opened;
  /** The folder that holds the fixture and the settings; removed by `close`. */
  readonly folder: string;
  /** What the page's console said, the extension's own lines among them, newest last. */
  readonly console: readonly string[];
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;
const KEPT_CONSOLE_LINES = 2000;
/** Pictures for the documentation are large and sharp, which only windows of their own are. */
const TAKES_PICTURES = process.env['UPDATE_SCREENSHOTS'] === '1';

/** Opens a window and returns when the workbench is ready. Throws, with nothing left running, when it does not start. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const folder = await makeTmpFolder('ui');
  const closers: (() => Promise<void>)[] = [
    () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  ];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const opened = await openedBy(options, folder);
    const { width, height } = sizeOf(options);
    const shared = mayShare(options) ? await borrowWindow(width, height) : undefined;
    if (shared !== undefined) closers.push(() => shared.giveBack());
    const extensions = options.extensions ?? [
      shared?.extension ?? (await stageExtension(path.join(folder, 'extension'))),
    ];
    const server = shared?.server ?? (await startServerFor(options, folder));
    if (shared === undefined) closers.push(() => server.stop());
    const page = shared?.page ?? (await openPage(options, closers));
    const lines: string[] = [];
    const keep = (message: { text(): string }): void => {
      lines.push(message.text());
      if (lines.length > KEPT_CONSOLE_LINES) lines.shift();
    };
    page.on('console', keep);
    closers.push(() => Promise.resolve(void page.off('console', keep)));
    const dataFolder = path.join(folder, 'data');
    const patch: BootPatch = {
      ...options.boot,
      ...(shared === undefined
        ? {}
        : { userDataPath: userData(dataFolder), enableWorkspaceTrust: isTrustAsked(options) }),
      developmentOptions: {
        enableSmokeTestDriver: null,
        extensions: extensions.map((extension) => remoteUri(server.host, extension)),
      },
    };
    if (shared === undefined) await patchBoot(page, patch);
    else await prepareShared(shared, patch, dataFolder, options);
    await openWindow(page, server, dataFolder, opened);
    return { page, server, opened, folder, console: lines, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function openedBy({ opens = 'folder' }: SessionOptions, folder: string): Promise<Opened> {
  return typeof opens === 'string' ? prepareFixture(opens, folder) : opens;
}

/** Whether a server and a page that others have used will do. */
function mayShare({ trust = 'off', builtins = 'all', env, boot, language }: SessionOptions): boolean {
  const isUsual = [env, boot, language].every((option) => option === undefined);
  return trust !== 'prompt' && builtins === 'all' && isUsual && !TAKES_PICTURES;
}

const isTrustAsked = ({ trust = 'off' }: SessionOptions): boolean => trust !== 'off';

/** The settings of the machine belong to the server, and those of the user to the window. */
async function prepareShared(
  { page, server }: SharedWindow,
  patch: BootPatch,
  dataFolder: string,
  options: SessionOptions,
): Promise<void> {
  await writeSettings(settingsOf(options), { user: dataFolder, machine: server.dataFolder });
  await keepBootPatch(page, patch);
}

function settingsOf({ theme, trust, settings }: SessionOptions): Readonly<Record<string, unknown>> {
  return {
    ...QUIET_SETTINGS,
    ...defined({ 'workbench.colorTheme': theme }),
    ...(trust === 'prompt' ? { 'security.workspace.trust.startupPrompt': 'always' } : {}),
    ...settings,
  };
}

async function startServerFor(options: SessionOptions, folder: string): Promise<RunningServer> {
  return startServer({
    install: await ensureVsCodeServer((line) => console.log(line)),
    dataFolder: path.join(folder, 'data'),
    settings: settingsOf(options),
    trust: isTrustAsked(options) ? 'asked' : 'off',
    builtins: options.builtins ?? 'all',
    testDriver: false,
    ...defined({ env: options.env }),
  });
}

/** High enough for every view to show its rows at once: a tree holds no row that is out of sight. */
const sizeOf = ({ width = 1400, height = 1500 }: SessionOptions) => ({ width, height });

async function openPage(options: SessionOptions, closers: (() => Promise<void>)[]): Promise<Page> {
  const browser = await launchBrowser();
  closers.push(() => browser.close());
  return newPage(browser, options);
}

async function newPage(browser: Browser, options: SessionOptions): Promise<Page> {
  const scale = TAKES_PICTURES ? options.scale : undefined;
  const context = await browser.newContext({ viewport: sizeOf(options), deviceScaleFactor: scale ?? 1 });
  await prepareContext(context);
  if (options.language !== undefined) {
    // As a language pack does it.
    await context.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(options.language)};`);
  }
  return context.newPage();
}

async function openWindow(page: Page, server: RunningServer, dataFolder: string, opened: Opened): Promise<void> {
  await page.goto(windowAddress(server.host, opened));
  await page.locator('.monaco-workbench').waitFor({ timeout: START_TIMEOUT_MS });
  if (opened.kind === 'workspace') await showsFolders(page, userData(dataFolder));
  const isStarted = `performance.getEntriesByName('code/didStartWorkbench').length > 0`;
  await page.waitForFunction(isStarted, undefined, { timeout: START_TIMEOUT_MS });
}
