/** A webview's page in a browser without an editor: served as the extension writes it, with what it ships. */
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright-core';
import * as z from 'zod';
import { pageMemory, PAGE_SCRIPTS, PAGE_SHEETS } from '../../../src/contract/pages/page';
import { pageHtml } from '../../../src/views/webview/pageHtml';
import type { PageContent } from '../../../src/views/webview/pagePanel';
import { until } from '../../support/until';
import { inProject } from '../../../tools/project';
import type { ThemeColors } from './themeColors';

const ORIGIN = 'https://page.test';
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };

export interface ServedOptions {
  readonly theme: ThemeColors;
  /** What VS Code kept of the page, which is about another subject where one is given. */
  readonly kept?: { readonly subject: string; readonly memory: unknown };
}

export class ServedPage {
  /** What the page's policy refused, and what its script threw. */
  readonly faults: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, content: PageContent, options: ServedOptions): Promise<ServedPage> {
    const page = await context.newPage();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const served = new ServedPage(page);
    page.on('pageerror', (error) => served.faults.push(error.message));
    page.on('console', (line) => line.type() === 'error' && served.faults.push(line.text()));
    await page.addInitScript(editor(options));
    const { name } = content;
    const files: Readonly<Record<string, string>> = {
      [`/${PAGE_SCRIPTS[name]}.js`]: `dist/webview/${PAGE_SCRIPTS[name]}.js`,
      ...Object.fromEntries(PAGE_SHEETS[content.name].map((sheet) => [`/${sheet}.css`, `media/${sheet}.css`])),
    };
    await page.route(`${ORIGIN}/**`, async (route) => {
      const file = files[new URL(route.request().url()).pathname];
      if (file === undefined) return route.fulfill({ contentType: 'text/html', body: document(content) });
      const body = await readFile(inProject(file));
      return route.fulfill({ contentType: TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain', body });
    });
    await page.goto(`${ORIGIN}/`);
    await until(
      () => served.sent(),
      (sent) => sent.length > 0,
    );
    return served;
  }

  /** Sends anything as the extension does, and waits until it is drawn. */
  async post(message: unknown): Promise<void> {
    await this.page.evaluate(`new Promise((done) => {
      window.addEventListener('message', () => requestAnimationFrame(() => requestAnimationFrame(done)), { once: true });
      window.postMessage(${JSON.stringify(message)}, '*');
    })`);
  }

  /** What the page has said, oldest first. */
  async sent(): Promise<readonly unknown[]> {
    return z.array(z.unknown()).parse(await this.page.evaluate('window.sent'));
  }

  /** What VS Code would keep. */
  async kept(): Promise<z.infer<typeof pageMemory>> {
    return pageMemory.parse(await this.page.evaluate('window.kept'));
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

function document(content: PageContent): string {
  return pageHtml({
    ...content,
    page: content.name,
    language: 'en',
    nonce: 'nonceOfTheTest',
    cspSource: ORIGIN,
    script: `${ORIGIN}/${PAGE_SCRIPTS[content.name]}.js`,
    styles: PAGE_SHEETS[content.name].map((sheet) => `${ORIGIN}/${sheet}.css`),
  });
}

/** What VS Code does in a webview before its page runs: its interface, the theme's colors and class. */
function editor({ theme, kept }: ServedOptions): string {
  return `(() => {
    window.sent = [];
    window.kept = ${JSON.stringify(kept)};
    window.acquireVsCodeApi = () => ({
      postMessage: (message) => window.sent.push(message),
      getState: () => window.kept,
      setState: (state) => (window.kept = state),
    });
    document.addEventListener('DOMContentLoaded', () => {
      document.body.classList.add('${theme.bodyClass}');
      for (const [name, value] of Object.entries(${JSON.stringify(theme.variables)})) {
        document.documentElement.style.setProperty('--vscode-' + name, value);
      }
    });
  })()`;
}
