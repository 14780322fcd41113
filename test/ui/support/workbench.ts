/** The window as a person uses it. Every method waits for what it needs and fails after half a minute without it. */
import type { Frame, Locator, Page } from 'playwright-core';
import { chooseInMenu, openMenu } from './menu';
import { takePicture, type PicturePlace } from './picture';
import { QuickInput } from './quickInput';
import { openSession, type Session, type SessionOptions } from './session';
import { TreeView } from './tree';
import { findWebview } from './webview';

const ACTION_TIMEOUT_MS = 30_000;
const PALETTE_ATTEMPTS = 4;
const PALETTE_TIMEOUT_MS = 4000;

export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;

  private constructor(readonly session: Session) {
    this.page = session.page;
    this.quickInput = new QuickInput(session.page);
    session.page.setDefaultTimeout(ACTION_TIMEOUT_MS);
  }

  /** Opens a window on a new fixture, with this project's extension. The caller closes it; `withWorkbench` does. */
  static async open(options: SessionOptions = {}): Promise<Workbench> {
    return new Workbench(await openSession(options));
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  /**
   * Runs a command of the palette by what it shows there: `Category: Title`. Returns once it is chosen. An open palette
   * does not learn of commands that become possible, so one that lacks the command is opened again.
   */
  async runCommand(title: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.openPalette(title);
      try {
        await this.quickInput.pickIn(this.quickInput.row(title), PALETTE_TIMEOUT_MS);
        return;
      } catch (cause) {
        if (attempt === PALETTE_ATTEMPTS) throw cause;
        await this.quickInput.leave();
      }
    }
  }

  /** The same without a mouse: typing, and Enter once the palette shows the command. */
  async runByKeyboard(title: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.openPalette(title);
      try {
        await this.quickInput.row(title).waitFor({ timeout: PALETTE_TIMEOUT_MS });
        await this.page.keyboard.press('Enter');
        return;
      } catch (cause) {
        if (attempt === PALETTE_ATTEMPTS) throw cause;
        await this.quickInput.leave();
      }
    }
  }

  /** Whether the palette offers a command of exactly this title now. */
  async offersCommand(title: string): Promise<boolean> {
    return (await this.offeredCommands(title)).includes(title);
  }

  /** What the palette shows for a text, as far as the list is in sight. */
  async offeredCommands(text: string): Promise<string[]> {
    await this.openPalette(text);
    // The list of before stands until it is filtered; then matches are marked, or only similar ones or none are shown.
    const { rows } = this.quickInput;
    await rows
      .locator('.highlight')
      .or(rows.getByText(/similar commands|No matching commands/))
      .first()
      .waitFor();
    const labels = await this.quickInput.labels();
    await this.quickInput.cancel();
    return labels;
  }

  /** Shows a view container of the activity bar. */
  async openContainer(title: string): Promise<void> {
    const tab = this.container(title);
    await tab.waitFor();
    const header = this.page.locator('.part.sidebar .composite.title', { hasText: title });
    for (let attempt = 1; ; attempt += 1) {
      // While a window starts it may still close what was just opened.
      if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click();
      try {
        await header.waitFor({ timeout: PALETTE_TIMEOUT_MS });
        return;
      } catch (cause) {
        if (attempt === PALETTE_ATTEMPTS) throw cause;
      }
    }
  }

  /** The icon of a view container in the activity bar. */
  container(title: string): Locator {
    return this.page.locator('.part.activitybar').getByRole('tab', { name: title }).first();
  }

  /** Drags the border of the side bar until it is this wide, so that rows are read whole. */
  async widenSidebar(width: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (box === null) throw new Error('The side bar is not shown.');
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, y, { steps: 5 });
    await this.page.mouse.up();
  }

  tree(name: string): TreeView {
    return new TreeView(this.page, name);
  }

  /** Right-clicks a file or folder of the Explorer, chooses, and returns what the menu offered. */
  async explorerMenu(name: string, ...labels: readonly string[]): Promise<string[]> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: /^Explorer/ });
    if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click();
    const row = this.page.locator('.explorer-folders-view').getByRole('treeitem', { name, exact: false }).first();
    const entries = await openMenu(this.page, row);
    await chooseInMenu(this.page, ...labels);
    return entries;
  }

  /** A status bar item by the text it shows. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first();
  }

  /** The toasts that are shown, or those with this text. */
  notification(text: string | RegExp = ''): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  /** Waits for a toast and presses one of its buttons, by key: toasts move as others come and go below the pointer. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).first().getByRole('button', { name: button }).press('Enter');
  }

  async clearNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
    await this.notification().first().waitFor({ state: 'detached' });
  }

  /** The modal dialog in front of the window. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async answerDialog(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** The tab of an open editor. */
  editorTab(title: string | RegExp): Locator {
    return this.page.locator('.part.editor').getByRole('tab', { name: title }).first();
  }

  /** The whole text of the active text editor, also what is scrolled out of sight. */
  async editorText(): Promise<string> {
    const editor = this.page.locator('.part.editor .editor-instance .monaco-editor').first();
    await editor.locator('.view-line').first().click();
    await this.page.evaluate(`navigator.clipboard.writeText('')`);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('ControlOrMeta+C');
    await this.page.waitForFunction(`navigator.clipboard.readText().then((text) => text !== '')`);
    return String(await this.page.evaluate('navigator.clipboard.readText()'));
  }

  /** The frame of the webview that holds an element for this selector. */
  async webview(selector: string): Promise<Frame> {
    return findWebview(this.page, selector);
  }

  /** Takes a quiet picture into `.tmp/pictures`, or into docs/screenshots. Open with `scale: 2` for the latter. */
  async screenshot(name: string, place: PicturePlace = 'results', part?: Locator): Promise<string> {
    return takePicture(this.page, name, place, part);
  }

  /**
   * Takes the focus out of a page in an editor. The palette gives it back when it closes, and the page takes it so late
   * that it closes the input which a command has opened meanwhile.
   */
  async leavePage(): Promise<void> {
    await this.page.locator('.part.statusbar').click({ position: { x: 700, y: 10 } });
  }

  /**
   * Types into the palette. A window that starts may swallow the key, and an editor that closes takes the focus, which
   * closes a palette that has just opened: then the key is pressed again.
   */
  async openPalette(text: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if (await this.page.evaluate(`document.activeElement?.tagName === 'IFRAME'`)) await this.leavePage();
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput.fill(`>${text}`, PALETTE_TIMEOUT_MS);
        return;
      } catch (cause) {
        if (attempt === PALETTE_ATTEMPTS) throw cause;
        await this.leavePage();
      }
    }
  }
}
