/** Runs the tests of test/extension in a real extension host: one launch of VS Code for each suite. */
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { format } from 'node:util';
import type { ExtensionSuite } from '../../extension/suites';
import { windowAddress } from './bootConfiguration';
import { launchBrowser } from '../../../tools/browser';
import { runInDesktop } from './desktopTests';
import { prepareFixture, type FixtureName, type Opened } from './fixtures';
import type { VsCodeServer } from '../../../tools/install';
import { loginShellIn } from './loginShell';
import { isNoise } from './noise';
import { inProject, inTmp, makeTmpFolder, type Say } from '../../../tools/project';
import { hostileWorkspace, type Fixture } from '../../security/workspace';
import { ENV, readResults, type Results } from './results';
import { startServer, type RunningServer } from '../../../tools/server';
import { QUIET_SETTINGS } from './settings';

/** The VS Code that runs the tests. */
export type TestHost =
  | { readonly kind: 'server'; readonly install: VsCodeServer }
  | { readonly kind: 'desktop'; readonly executable: string };

export interface Selection {
  /** Only files whose path contains this. */
  readonly file?: string;
  /** Only tests whose full title matches this. */
  readonly grep?: string;
}

export interface Launch {
  readonly suite: ExtensionSuite;
  readonly opened: Opened;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** Empty, removed after the launch. */
  readonly folder: string;
}

const LAUNCH_TIMEOUT_MS = 5 * 60_000;

/**
 * Launches VS Code on a new workspace and runs the suite's tests in it. Returns the numbers; a launch that ends
 * without any, or not within five minutes, is one failed test. Leaves no process and no file behind.
 */
export async function runExtensionSuite(
  host: TestHost,
  suite: ExtensionSuite,
  selection: Selection,
  say: Say,
): Promise<Results> {
  const folder = await makeTmpFolder(`extension-${suite.name}`);
  const results = inTmp('results', `extension-${suite.name}.json`);
  let fixture: Fixture | undefined;
  try {
    await rm(results, { force: true });
    fixture = await (suite.opens === 'hostile' ? hostileWorkspace(folder) : plainFixture(suite.opens, folder));
    const launch: Launch = {
      suite,
      folder,
      opened: fixture.opened,
      settings: { ...QUIET_SETTINGS, ...suite.settings },
      env: {
        ...(await loginShellIn(folder)),
        [ENV.suite]: suite.name,
        [ENV.results]: results,
        [ENV.files]: selection.file ?? '',
        [ENV.grep]: selection.grep ?? '',
      },
    };
    if (host.kind === 'desktop') await runInDesktop(host.executable, launch);
    else await runInServer(host.install, launch, say);
    return readResults(results);
  } finally {
    await fixture?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function plainFixture(name: FixtureName, folder: string): Promise<Fixture> {
  return { opened: await prepareFixture(name, folder), close: () => Promise.resolve() };
}

async function runInServer(install: VsCodeServer, launch: Launch, say: Say): Promise<void> {
  const server = await startServer({
    install,
    dataFolder: path.join(launch.folder, 'data'),
    settings: launch.settings,
    trust: launch.suite.isTrusted ? 'off' : 'asked',
    builtins: 'lean',
    testDriver: true,
  });
  try {
    if (!(await driveTests(server, launch, say))) say(`The tests did not end in time. Log: ${server.logFile}`);
  } finally {
    await server.stop();
  }
}

/** Opens the window that runs the tests and returns whether it came to an end. */
async function driveTests(server: RunningServer, launch: Launch, say: Say): Promise<boolean> {
  const at = (target: string): string => `vscode-remote://${server.host}${target}`;
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      const line = format(...args);
      if (!isNoise(line)) say(line);
    });
    const signals = new EventEmitter();
    const ended = once(signals, 'exit').then(() => true);
    await page.exposeFunction('codeAutomationExit', () => void signals.emit('exit'));
    await page.goto(
      windowAddress(server.host, launch.opened, [
        ['extensionDevelopmentPath', at(inProject())],
        ['extensionTestsPath', at(inProject('out/test/extension/index.js'))],
        ['extensionEnvironment', JSON.stringify(launch.env)],
        ['skipWelcome', 'true'],
      ]),
    );
    return await Promise.race([ended, delay(LAUNCH_TIMEOUT_MS, false, { ref: false })]);
  } finally {
    await browser.close();
  }
}
