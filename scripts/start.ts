/**
 * `npm start`: opens a demo workspace in a real VS Code with the extension, and stays until Ctrl-C or until the window
 * is closed. Everything it makes is in `.tmp/demo`, made again each time. Where another `npm start` shows the demo already,
 * that one is opened again, and no file of it is touched.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fetchDesktop, hasDisplay } from '../tools/desktop';
import { inProject, inTmp } from '../tools/project';
import { FolderLedger } from '../src/host/files/folderLedger';
import { ledgerFolder } from '../src/host/state/stateFolder';
import { AgentConsents } from '../src/services/consent/agentConsent';
import { FolderRegistry } from '../src/host/trusted/folderRegistry';
import { demoWorkspace, endDemoSessions, makeDemo } from '../src/services/demo/demo';
import { findDesktop, focusDesktop, openInDesktop } from './start/desktop';
import { claimDemo, type Claim, type ShownDemo } from './start/runningDemo';
import { openInServer } from './start/server';

interface Shown {
  readonly how: ShownDemo;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
};

const say = (line: string): void => console.log(`▸ ${line}`);

async function freshDemo(folder: string): Promise<string> {
  say(`Making the demo workspace in ${folder} …`);
  // Sessions of a demo whose starter was killed.
  await endDemoSessions(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  const consents = new AgentConsents(new FolderLedger(ledgerFolder(process.env), 'agents'));
  const registry = FolderRegistry.ofUser(process.env);
  return makeDemo(folder, { registry, consents, scripts: inProject('media/demo'), environment: process.env });
}

/** The executable of a desktop VS Code, installed or fetched; undefined, with the reason said, where there is none. */
async function chooseDesktop(): Promise<string | undefined> {
  if (!hasDisplay()) {
    say('There is no display here, so VS Code is shown in a browser.');
    return undefined;
  }
  const installed = await findDesktop();
  if (installed !== undefined) return installed;
  say('VS Code is not installed; fetching it into .cache/ …');
  try {
    return await fetchDesktop();
  } catch (cause) {
    say(`It cannot be fetched (${cause instanceof Error ? cause.message : String(cause)}); using a browser.`);
    return undefined;
  }
}

async function show(workspace: string, forceServer: boolean, port: number | undefined): Promise<Shown> {
  const data = dataOf(workspace);
  const executable = forceServer ? undefined : await chooseDesktop();
  if (executable !== undefined) {
    say(`Opening ${executable} …`);
    const window = await openInDesktop(executable, workspace, data, SETTINGS);
    say('VS Code is open. Close it, or press Ctrl-C here, to end.');
    const how = { kind: 'desktop', executable, window: window.identity } as const;
    return { how, ended: window.ended, stop: () => window.stop() };
  }
  const { server, address } = await openInServer(workspace, data, SETTINGS, port, say);
  say('VS Code is running. Press Ctrl-C here to stop it. Open:');
  console.log(`\n  ${address}\n`);
  return { how: { kind: 'browser', address }, ended: server.ended, stop: () => server.stop() };
}

const dataOf = (workspace: string): string => path.join(path.dirname(workspace), '.vscode-data');

async function showAgain(folder: string, pid: number, shown: ShownDemo): Promise<void> {
  if (shown.kind === 'browser') {
    say(`The demo is running already, by process ${pid}. Press Ctrl-C there to stop it. Open:`);
    console.log(`\n  ${shown.address}\n`);
    return;
  }
  say('The demo is open in VS Code already. Close its window, and run npm start again for a new demo.');
  const workspace = demoWorkspace(folder);
  await focusDesktop(shown.executable, workspace, dataOf(workspace));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { server: { type: 'boolean', default: false }, port: { type: 'string' } } });
  const port = values.port === undefined ? undefined : parsePort(values.port);
  const folder = inTmp('demo');
  const claimed = await claimDemo(folder, (pid) => say(`Waiting for the demo that process ${pid} starts …`));
  if (!claimed.isFirst) return showAgain(folder, claimed.pid, claimed.shown);
  try {
    await showUntilEnd(folder, values.server || port !== undefined, port, claimed.claim);
  } finally {
    await claimed.claim.release();
  }
}

async function showUntilEnd(
  folder: string,
  forceServer: boolean,
  port: number | undefined,
  claim: Claim,
): Promise<void> {
  const shown = await show(await freshDemo(folder), forceServer, port);
  await claim.publish(shown.how);
  const interrupted = Promise.race((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => once(process, name)));
  await Promise.race([interrupted, shown.ended]);
  say('Stopping …');
  await shown.stop();
  await endDemoSessions(folder);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port needs a number up to 65535: ${text}`);
  return port;
}

main().then(
  () => process.exit(0),
  (cause: unknown) => {
    console.error(cause instanceof Error ? cause.message : cause);
    process.exit(1);
  },
);
