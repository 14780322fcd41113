/**
 * What the test files of one worker share: a browser, a server, and one page that shows their windows one after the other.
 * The page keeps what the browser compiled, so each window but the first starts with less work. Each window has its own
 * settings and user data, and starts with an empty storage of the browser.
 */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { until } from '../../support/until';
import { patchBootAsKept } from '../../support/vscode/bootConfiguration';
import { launchBrowser } from '../../../tools/browser';
import { ensureVsCodeServer } from '../../../tools/install';
import { makeTmpFolder } from '../../../tools/project';
import { startServer, type RunningServer } from '../../../tools/server';
import { stageExtension } from '../../../tools/stagedExtension';
import { prepareContext } from './windowContext';

export interface SharedWindow {
  readonly page: Page;
  readonly server: RunningServer;
  /** Folder of the staged extension. */
  readonly extension: string;
  /** Closes the window, not the page, and returns when its extension host has ended. */
  giveBack(): Promise<void>;
}

interface Host {
  readonly folder: string;
  readonly server: RunningServer;
  readonly extension: string;
}

let isSharing = false;
let isLent = false;
let browser: Promise<Browser> | undefined;
let host: Promise<Host> | undefined;
let page: Page | undefined;

/** From now on windows are shared in this process, until `endSharing`. */
export function startSharing(): void {
  isSharing = true;
}

export async function endSharing(): Promise<void> {
  isSharing = false;
  await (await browser)?.close();
  const ended = await host;
  await ended?.server.stop();
  if (ended !== undefined) await rm(ended.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** A context for pages without a window. `closeContext` closes it. */
export async function openContext(options: BrowserContextOptions): Promise<BrowserContext> {
  return (await useBrowser()).newContext(options);
}

export async function closeContext(context: BrowserContext | undefined): Promise<void> {
  await context?.close();
  if (!isSharing) await context?.browser()?.close();
}

/** The window to share; undefined where this process shares none, or another window is open in it. */
export async function borrowWindow(width: number, height: number): Promise<SharedWindow | undefined> {
  if (!isSharing || isLent) return undefined;
  isLent = true;
  try {
    host ??= startHost();
    const { server, extension } = await host;
    page ??= await openPage(await useBrowser(), server);
    const lent = page;
    await lent.setViewportSize({ width, height });
    const giveBack = async (): Promise<void> => {
      // A page that cannot be used again is replaced.
      if (
        !(await leave(lent, server).then(
          () => true,
          () => false,
        ))
      ) {
        page = undefined;
        await lent.context().close();
      }
      await hostsEnded(server);
      isLent = false;
    };
    return { page: lent, server, extension, giveBack };
  } catch (cause) {
    isLent = false;
    throw cause;
  }
}

async function useBrowser(): Promise<Browser> {
  if (!isSharing) return launchBrowser();
  browser ??= launchBrowser();
  return browser;
}

async function startHost(): Promise<Host> {
  const folder = await makeTmpFolder('ui-shared');
  const extension = await stageExtension(path.join(folder, 'extension'));
  const server = await startServer({
    install: await ensureVsCodeServer((line) => console.log(line)),
    dataFolder: path.join(folder, 'data'),
    settings: {},
    trust: 'off',
    builtins: 'all',
    testDriver: false,
  });
  return { folder, server, extension };
}

async function openPage(from: Browser, server: RunningServer): Promise<Page> {
  const context = await from.newContext();
  await prepareContext(context);
  const opened = await context.newPage();
  await patchBootAsKept(opened);
  await leave(opened, server);
  return opened;
}

/** Shows a small document of the server, and empties what a window stores in the browser. */
async function leave(from: Page, server: RunningServer): Promise<void> {
  const origin = `http://${server.host}`;
  await from.goto(`${origin}/version`);
  const session = await from.context().newCDPSession(from);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'cookies,indexeddb,local_storage' });
  await session.detach();
}

/** The server's log names each extension host that it launches, and its end. */
async function hostsEnded({ logFile }: RunningServer): Promise<void> {
  await until(
    () => readFile(logFile, 'utf8'),
    (log) => count(log, /<\d+> Launched Extension Host/g) <= count(log, /<\d+> Extension Host Process exited/g),
  );
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
