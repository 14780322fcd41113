/** The graph's page in a browser without an editor: served as the extension writes it, with what it ships. */
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright-core';
import * as z from 'zod';
import {
  graphEvent,
  graphPageState,
  type GraphEvent,
  type GraphPageState,
  type GraphPicture,
} from '../../../src/contract/graph';
import { graphHtml } from '../../../src/views/graph/graphHtml';
import { pageTexts } from '../../../src/views/graph/pageTexts';
import { ENGLISH } from '../../support/scene';
import { inProject } from '../../support/vscode/project';
import type { ThemeColors } from './themeColors';

const ORIGIN = 'https://graph.test';
const FILES: Readonly<Record<string, string>> = {
  '/graph.js': 'dist/webview/graph.js',
  '/graph.css': 'media/graph/graph.css',
};
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };

export interface GraphPageOptions {
  readonly theme: ThemeColors;
  readonly portfolioId?: string;
  readonly kept?: GraphPageState;
}

export class GraphPage {
  /** What the page's policy refused, and what its script threw. */
  readonly faults: string[] = [];
  private seq = 0;

  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, options: GraphPageOptions): Promise<GraphPage> {
    const page = await context.newPage();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const graph = new GraphPage(page);
    page.on('pageerror', (error) => graph.faults.push(error.message));
    page.on('console', (line) => line.type() === 'error' && graph.faults.push(line.text()));
    await page.addInitScript(editor(options));
    await page.route(`${ORIGIN}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      const file = FILES[pathname];
      if (file === undefined) return route.fulfill({ contentType: 'text/html', body: document(options) });
      const body = await readFile(inProject(file));
      return route.fulfill({ contentType: TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain', body });
    });
    await page.goto(`${ORIGIN}/`);
    await page.waitForFunction('window.sent.length > 0');
    return graph;
  }

  /** Sends a picture as the extension does, and waits until it is drawn. */
  async draw(picture: GraphPicture): Promise<void> {
    this.seq += 1;
    await this.post({ type: 'draw', seq: this.seq, picture });
  }

  /** Sends anything. */
  async post(message: unknown): Promise<void> {
    await this.page.evaluate(`new Promise((done) => {
      window.addEventListener('message', () => requestAnimationFrame(() => requestAnimationFrame(done)), { once: true });
      window.postMessage(${JSON.stringify(message)}, '*');
    })`);
  }

  async sent(): Promise<readonly GraphEvent[]> {
    return z.array(graphEvent).parse(await this.page.evaluate('window.sent'));
  }

  async kept(): Promise<GraphPageState> {
    return graphPageState.parse(await this.page.evaluate('window.kept'));
  }

  node(name: string) {
    return this.page.locator('.node', { has: this.page.locator('.name', { hasText: new RegExp(`^${name}$`) }) });
  }

  /** The name in the node that has the focus. */
  async focused(): Promise<string> {
    return z
      .string()
      .parse(await this.page.evaluate(`document.activeElement.querySelector('.name')?.textContent ?? ''`));
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

function document({ portfolioId = 'p1' }: GraphPageOptions): string {
  return graphHtml({
    portfolioId,
    language: 'en',
    texts: pageTexts(ENGLISH),
    nonce: 'nonceOfTheTest',
    cspSource: ORIGIN,
    script: `${ORIGIN}/graph.js`,
    style: `${ORIGIN}/graph.css`,
  });
}

/** What VS Code does in a webview before its page runs: its interface, the theme's colours and class. */
function editor({ theme, kept }: GraphPageOptions): string {
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
