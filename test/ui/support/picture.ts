/** Pictures of the window: for the documentation, and of what a failed test saw. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { inProject, inTmp } from '../../../tools/project';

/** What changes from run to run, or shows that the window is in a browser. */
const HIDDEN = [
  '#status\\.workbench\\.keyboardLayout',
  '#status\\.forwardedPorts',
  '#status\\.host',
  '.monaco-hover',
  '.context-view:empty',
].join(', ');

/** `documentation`: kept in docs/screenshots when UPDATE_SCREENSHOTS=1 asks for it, else with the other results. */
export type PicturePlace = 'results' | 'documentation';

/** Takes a picture without caret, animation, hover or noise, and returns its file. An earlier one is replaced. */
export async function takePicture(page: Page, name: string, place: PicturePlace, part?: Locator): Promise<string> {
  const isKept = place === 'documentation' && process.env['UPDATE_SCREENSHOTS'] === '1';
  const file = isKept ? inProject('docs/screenshots', `${name}.png`) : inTmp('pictures', `${name}.png`);
  await mkdir(path.dirname(file), { recursive: true });
  await page.addStyleTag({ content: `${HIDDEN} { visibility: hidden !important; }` });
  await page.mouse.move(0, 0);
  await settle(page);
  const options = { path: file, animations: 'disabled', caret: 'hide' } as const;
  await (part === undefined ? page.screenshot(options) : part.screenshot(options));
  return file;
}

/** Takes the window as it is, into `.tmp/test-failures`, and returns the file. */
export async function takeFailurePicture(page: Page, title: string): Promise<string> {
  const file = inTmp('test-failures', `${title.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 120)}.png`);
  await mkdir(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file });
  return file;
}

/** Waits until fonts are loaded, nothing shows progress and two frames were drawn. */
async function settle(page: Page): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  await page.locator('.monaco-progress-container.active').first().waitFor({ state: 'hidden' });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))');
}
