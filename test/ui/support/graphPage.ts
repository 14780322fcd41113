/** The graph's page in a browser without an editor. */
import type { BrowserContext, Page } from 'playwright-core';
import * as z from 'zod';
import { graphMemory, type GraphMemory, type GraphPicture } from '../../../src/contract/pages/graph';
import { graphHtml, pageTexts } from '../../../src/views/graph/graphHtml';
import { ENGLISH } from '../../support/records/viewFixture';
import { ServedPage, type ServedOptions } from './servedPage';

export interface GraphPageOptions extends ServedOptions {
  readonly portfolioId?: string;
}

export class GraphPage {
  private seq = 0;

  private constructor(private readonly served: ServedPage) {}

  static async open(context: BrowserContext, { portfolioId = 'p1', ...options }: GraphPageOptions): Promise<GraphPage> {
    const texts = pageTexts(ENGLISH);
    const content = { name: 'graph' as const, title: texts.graph, subject: portfolioId, body: graphHtml(texts) };
    return new GraphPage(await ServedPage.open(context, content, options));
  }

  get page(): Page {
    return this.served.page;
  }

  /** What the page's policy refused, and what its script threw. */
  get faults(): readonly string[] {
    return this.served.faults;
  }

  /** Sends a picture as the extension does, and waits until it is drawn. */
  async draw(picture: GraphPicture): Promise<void> {
    this.seq += 1;
    await this.post({ type: 'draw', seq: this.seq, picture });
  }

  /** Sends anything. */
  post(message: unknown): Promise<void> {
    return this.served.post(message);
  }

  sent(): Promise<readonly unknown[]> {
    return this.served.sent();
  }

  async kept(): Promise<GraphMemory> {
    return graphMemory.parse((await this.served.kept()).memory);
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
    return this.served.close();
  }
}
