/** The board's page in a browser without an editor, fed by the model and the feed that feed it in the editor. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import * as z from 'zod';
import {
  boardEvent,
  EVERYTHING,
  type BoardEvent,
  type BoardView,
  type DetailTarget,
} from '../../../src/contract/pages/board';
import { boardDetail } from '../../../src/views/board/boardDetail';
import { BoardFeed } from '../../../src/views/board/boardFeed';
import { BoardModel } from '../../../src/views/board/boardModel';
import { boardPageTexts } from '../../../src/views/board/boardTexts';
import { ENGLISH, viewContextOf, type TestFolder } from '../../support/records/viewFixture';
import { ServedPage, type ServedOptions } from './servedPage';

export class BoardPage {
  private readonly model: BoardModel;
  private readonly feed = new BoardFeed();

  private constructor(
    private readonly served: ServedPage,
    private readonly folder: TestFolder,
  ) {
    this.model = new BoardModel(viewContextOf(folder));
  }

  /** Opens the page and sends it the board of a folder. */
  static async open(
    context: BrowserContext,
    folder: TestFolder,
    { view = {}, ...options }: ServedOptions & { readonly view?: Partial<BoardView> },
  ): Promise<BoardPage> {
    const texts = boardPageTexts(ENGLISH);
    const content = {
      name: 'board' as const,
      title: texts.board,
      subject: folder.folder,
      body: '<div id="root"></div>',
      texts,
    };
    const board = new BoardPage(await ServedPage.open(context, content, options), folder);
    await board.snapshot(view);
    return board;
  }

  get page(): Page {
    return this.served.page;
  }

  /** What the page's policy refused, and what its script threw. */
  get faults(): readonly string[] {
    return this.served.faults;
  }

  async snapshot(view: Partial<BoardView> = {}): Promise<void> {
    await this.post(this.feed.snapshot(this.model.board(this.folder.record), { ...EVERYTHING, ...view }));
  }

  /** Sends what has changed in the record since. */
  async follow(): Promise<void> {
    const delta = this.feed.delta(this.model.board(this.folder.record));
    if (delta !== undefined) await this.post(delta);
  }

  /** Forgets to send what has changed. */
  miss(): void {
    this.feed.delta(this.model.board(this.folder.record));
  }

  async detail(target: DetailTarget): Promise<void> {
    const detail = boardDetail(viewContextOf(this.folder), this.folder.record, target) ?? null;
    await this.post({ type: 'detail', target, detail });
  }

  /** Answers the newest request. */
  async settle(problem = ''): Promise<void> {
    const last = (await this.events()).findLast((event) => 'request' in event);
    await this.post({ type: 'settled', request: last !== undefined && 'request' in last ? last.request : 0, problem });
  }

  post(message: unknown): Promise<void> {
    return this.served.post(message);
  }

  /** Waits until the page has drawn what it knows by now. */
  async drawn(): Promise<void> {
    await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** What the page has asked for since it was ready. */
  async events(): Promise<readonly BoardEvent[]> {
    await this.drawn();
    return z.array(boardEvent).parse((await this.served.sent()).slice(1));
  }

  kept() {
    return this.served.kept();
  }

  card(title: string): Locator {
    return this.page.locator('.card', { has: this.page.locator(`.title span[title="${title}"]`) });
  }

  column(name: string): Locator {
    return this.page.locator('.column', { has: this.page.locator('h2 > span', { hasText: new RegExp(`^${name}$`) }) });
  }

  titles(name: string): Promise<string[]> {
    return this.texts(this.column(name).locator('.card .title'));
  }

  /** What is written there once all is drawn. */
  async texts(locator: Locator): Promise<string[]> {
    await this.drawn();
    return await locator.allInnerTexts();
  }

  async count(locator: Locator): Promise<number> {
    await this.drawn();
    return await locator.count();
  }

  /** The title of the card that has the focus. */
  async focused(): Promise<string> {
    await this.drawn();
    return z
      .string()
      .parse(await this.page.evaluate(`document.activeElement.querySelector('.title')?.innerText ?? ''`));
  }

  close(): Promise<void> {
    return this.served.close();
  }
}
