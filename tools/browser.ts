/** Finds or installs the browser that shows the workbench, and starts it without a window. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { findOnPath, isExecutable } from './command';
import { byHand, installPackages } from './debian';
import type { Say } from './project';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

const PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((n) => `/Applications/${n}.app/Contents/MacOS/${n}`),
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

const DEBIAN_PACKAGES = ['chromium', 'fonts-dejavu-core', 'fonts-liberation'];

/** The browser to use: `CHROMIUM` of the environment if set, else an installed one. Undefined when there is none. */
export async function findBrowser(): Promise<string | undefined> {
  const chosen = process.env['CHROMIUM'];
  if (chosen !== undefined && chosen !== '') {
    if (await isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM names a file that cannot be run: ${chosen}`);
  }
  for (const name of NAMES) {
    const found = await findOnPath(name);
    if (found !== undefined) return found;
  }
  return PLACES[process.platform]?.find((file) => existsSync(file));
}

/**
 * Makes sure there is a browser and returns its path. On Debian and its relatives root installs one; elsewhere the
 * error says what to install.
 */
export async function ensureBrowser(say: Say): Promise<string> {
  const found = await findBrowser();
  if (found !== undefined) return found;
  if (!(await installPackages(DEBIAN_PACKAGES, say))) {
    throw new Error(
      `The UI tests need Chromium, Chrome or Edge. On Debian: ${byHand(DEBIAN_PACKAGES)}. ` +
        'One in another place is named by the environment variable CHROMIUM.',
    );
  }
  const installed = await findBrowser();
  if (installed === undefined) throw new Error('Chromium was installed but is not on PATH.');
  return installed;
}

/** Starts the browser. The caller closes it; it also ends when our process does. Throws when there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error('There is no browser to show the workbench: run npm run test:ui.');
  return chromium.launch({
    executablePath,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      ...['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--no-first-run', '--force-color-profile=srgb'],
    ],
  });
}
