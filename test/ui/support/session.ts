/** One window of a real VS Code in a browser, on a server of its own: opened for a test file, closed after it. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { patchBoot, remoteUri, windowAddress, type BootPatch } from '../../support/vscode/bootConfiguration';
import { launchBrowser } from '../../support/vscode/browser';
import { prepareFixture, type FixtureName, type Opened } from '../../support/vscode/fixtures';
import { ensureVsCodeServer } from '../../support/vscode/install';
import { makeTmpFolder } from '../../support/vscode/project';
import { startServer, type RunningServer } from '../../support/vscode/server';
import { QUIET_SETTINGS } from '../../support/vscode/settings';
import { stageExtension } from '../../support/vscode/stagedExtension';
import { showsFolders } from './workspaceFolders';

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
  /** Changes to the product's or the window's boot configuration. */
  readonly boot?: BootPatch;
  readonly width?: number;
  readonly height?: number;
  /** Pixels of the picture for each of the page. Default 1; 2 for the pictures of the documentation. */
  readonly scale?: number;
}

export interface Session {
  readonly page: Page;
  readonly server: RunningServer;
  readonly opened: Opened;
  /** The folder that holds the fixture and all data; removed by `close`. */
  readonly folder: string;
  /** What the page's console said, the extension's own lines among them, newest last. */
  readonly console: readonly string[];
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;
const KEPT_CONSOLE_LINES = 2000;

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
    const extensions = options.extensions ?? [await stageExtension(path.join(folder, 'extension'))];
    const server = await startServerFor(options, folder);
    closers.push(() => server.stop());
    const browser = await launchBrowser();
    closers.push(() => browser.close());
    const page = await newPage(browser, options);
    const lines: string[] = [];
    page.on('console', (message) => {
      lines.push(message.text());
      if (lines.length > KEPT_CONSOLE_LINES) lines.shift();
    });
    await openWindow(page, server, opened, { ...options, extensions });
    return { page, server, opened, folder, console: lines, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function openedBy({ opens = 'folder' }: SessionOptions, folder: string): Promise<Opened> {
  return typeof opens === 'string' ? prepareFixture(opens, folder) : opens;
}

async function startServerFor(options: SessionOptions, folder: string): Promise<RunningServer> {
  const { theme, trust = 'off' } = options;
  return startServer({
    install: await ensureVsCodeServer((line) => console.log(line)),
    dataFolder: path.join(folder, 'data'),
    settings: {
      ...QUIET_SETTINGS,
      ...(theme === undefined ? {} : { 'workbench.colorTheme': theme }),
      ...(trust === 'prompt' ? { 'security.workspace.trust.startupPrompt': 'always' } : {}),
      ...options.settings,
    },
    trust: trust === 'off' ? 'off' : 'asked',
    builtins: options.builtins ?? 'all',
    testDriver: false,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
}

async function newPage(browser: Browser, options: SessionOptions): Promise<Page> {
  // High enough for every view to show its rows at once: a tree holds no row that is out of sight.
  const { width = 1400, height = 1500, scale = 1 } = options;
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await answerKeyRequests(context);
  return context.newPage();
}

/** The bare server cannot answer this one request, and then forgets secrets with every page. */
async function answerKeyRequests(context: BrowserContext): Promise<void> {
  const body = Buffer.alloc(32, 7);
  await context.route(
    (url) => url.pathname.endsWith('/mint-key'),
    (route) => route.fulfill({ status: 200, contentType: 'application/octet-stream', body }),
  );
}

async function openWindow(page: Page, server: RunningServer, opened: Opened, options: SessionOptions): Promise<void> {
  const extensions = (options.extensions ?? []).map((folder) => remoteUri(server.host, folder));
  await patchBoot(page, { ...options.boot, developmentOptions: { enableSmokeTestDriver: null, extensions } });
  await page.goto(windowAddress(server.host, opened));
  await page.locator('.monaco-workbench').waitFor({ timeout: START_TIMEOUT_MS });
  if (opened.kind === 'workspace') await showsFolders({ page, server });
  const isStarted = `performance.getEntriesByName('code/didStartWorkbench').length > 0`;
  await page.waitForFunction(isStarted, undefined, { timeout: START_TIMEOUT_MS });
}
