/** A tree view, found by the name in its header. */
import type { Locator, Page } from 'playwright-core';
import { chooseInMenu, openMenu } from './menu';
import { wholeText } from './text';

/** A row moves from under the mouse when others come and go above it, and then hides its buttons. */
const HOVER_ATTEMPTS = 10;
const HOVER_TIMEOUT_MS = 2000;

export class TreeView {
  readonly tree: Locator;
  readonly pane: Locator;

  constructor(
    private readonly page: Page,
    readonly name: string,
  ) {
    this.tree = page.getByRole('tree', { name, exact: true });
    this.pane = page.locator('.pane').filter({ has: page.getByRole('button', { name: `${name} Section` }) });
  }

  /** All rows that are shown, or the row with this label. */
  get rows(): Locator {
    return this.tree.getByRole('treeitem');
  }

  /** The label may have a state before it: `planned · Ship it`. */
  row(label: string | RegExp): TreeRow {
    const named = this.page.locator('.label-name', { hasText: wholeText(label, '(?:.* · )?') });
    return new TreeRow(this.page, this.rows.filter({ has: named }).first());
  }

  async labels(): Promise<string[]> {
    return (await this.rows.locator('.label-name').allInnerTexts()).map((text) => text.trim());
  }

  /** Text and links shown while the view is empty. */
  get welcome(): Locator {
    return this.pane.locator('.welcome-view-content');
  }

  /** The message above the rows. */
  get message(): Locator {
    return this.pane.locator('.message');
  }

  /** Presses a button of the view's header. */
  async titleAction(name: string | RegExp): Promise<void> {
    await pressUnderMouse(this.pane.locator('.pane-header'), name);
  }

  /** Opens the view if its header is collapsed. */
  async expand(): Promise<void> {
    await this.toggle('false');
  }

  /** Leaves its room to the view above. */
  async collapse(): Promise<void> {
    await this.toggle('true');
  }

  private async toggle(isExpanded: 'true' | 'false'): Promise<void> {
    const header = this.page.getByRole('button', { name: `${this.name} Section` });
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) === isExpanded) await header.click();
  }
}

export class TreeRow {
  constructor(
    private readonly page: Page,
    readonly locator: Locator,
  ) {}

  async waitFor(): Promise<void> {
    await this.locator.waitFor();
  }

  async description(): Promise<string> {
    const description = this.locator.locator('.label-description');
    return (await description.count()) === 0 ? '' : description.innerText();
  }

  /** What a screen reader says. */
  async ariaLabel(): Promise<string> {
    return (await this.locator.getAttribute('aria-label')) ?? '';
  }

  async level(): Promise<number> {
    return Number(await this.locator.getAttribute('aria-level'));
  }

  async isExpanded(): Promise<boolean> {
    return (await this.locator.getAttribute('aria-expanded')) === 'true';
  }

  async expand(): Promise<void> {
    await this.toggle(true);
  }

  async collapse(): Promise<void> {
    await this.toggle(false);
  }

  async click(): Promise<void> {
    await this.locator.click();
  }

  /** Presses a button that appears in the row under the mouse. */
  async inlineAction(name: string | RegExp): Promise<void> {
    await pressUnderMouse(this.locator, name);
  }

  /** The names of the buttons in the row. */
  async inlineActions(): Promise<string[]> {
    await this.locator.hover();
    const names = await this.locator.locator('.actions .action-label').all();
    return Promise.all(names.map(async (button) => (await button.getAttribute('aria-label')) ?? ''));
  }

  /** Chooses from the context menu; a path goes through submenus. Returns the entries of the first menu. */
  async contextMenu(...labels: readonly string[]): Promise<string[]> {
    const entries = await openMenu(this.page, this.locator);
    await chooseInMenu(this.page, ...labels);
    return entries;
  }

  /** A row whose record is still being read has no twistie yet, and may expand on its own once it has one. */
  private async toggle(isExpanded: boolean): Promise<void> {
    await this.waitFor();
    const wanted = this.locator.and(this.page.locator(`[aria-expanded="${isExpanded}"]`));
    const opposite = this.locator.and(this.page.locator(`[aria-expanded="${!isExpanded}"]`));
    await wanted.or(opposite).waitFor();
    if ((await this.isExpanded()) === isExpanded) return;
    await this.locator.locator('.monaco-tl-twistie').click();
    await wanted.waitFor();
  }
}

/** Presses a button that is shown only while the mouse is over the element, and follows an element that moves. */
async function pressUnderMouse(element: Locator, name: string | RegExp): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await element.hover();
    try {
      await element.getByRole('button', { name }).click({ timeout: HOVER_TIMEOUT_MS });
      return;
    } catch (cause) {
      if (attempt === HOVER_ATTEMPTS) throw cause;
    }
  }
}
