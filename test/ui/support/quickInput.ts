/** The input at the top of the window: command palette, quick picks and input boxes are all this one. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { wholeText } from './text';

const CHECK_ATTEMPTS = 4;
const CHECK_TIMEOUT_MS = 1000;
const CHECK_PAUSE_MS = 20;

export class QuickInput {
  readonly widget: Locator;
  readonly input: Locator;
  /** What an input box says below its text: its prompt, or why the text is not valid. */
  readonly message: Locator;
  readonly title: Locator;
  readonly rows: Locator;

  constructor(private readonly page: Page) {
    this.widget = page.locator('.quick-input-widget:visible');
    this.input = this.widget.locator('.quick-input-box input').first();
    this.message = this.widget.locator('.quick-input-message');
    this.title = this.widget.locator('.quick-input-title');
    this.rows = this.widget.locator('.monaco-list-row');
  }

  /** The row with exactly this label, or the first whose label matches. */
  row(label: string | RegExp): Locator {
    const named = this.page.locator('.label-name', { hasText: wholeText(label) });
    return this.rows.filter({ has: named }).first();
  }

  /** The row of a form that starts with this text. */
  formRow(start: string): Locator {
    const named = this.page.locator('.label-description', { hasText: new RegExp(`^\\s*${start}`) });
    return this.rows.filter({ has: named }).first();
  }

  /** Waits until an input with this title, prompt or placeholder is open, so that no earlier one is answered. */
  async waitFor(text: string): Promise<void> {
    const named = this.widget.filter({ hasText: text });
    const placeheld = this.widget.filter({ has: this.page.getByPlaceholder(text) });
    await named.or(placeheld).waitFor();
  }

  /** Replaces the text; nothing is accepted yet. Waits as long as for any action, or for so many milliseconds. */
  async fill(text: string, timeout?: number): Promise<void> {
    await this.input.fill(text, timeout === undefined ? {} : { timeout });
  }

  /** Accepts the text or the selected row. */
  async accept(): Promise<void> {
    await this.input.press('Enter');
  }

  /**
   * Waits until the dialog for files shows the path that it starts with. It looks the path up first and then writes it
   * over whatever was typed before, so a text or an Enter that comes earlier would choose another.
   */
  async waitForFiles(start: string): Promise<void> {
    const input = await this.input.elementHandle();
    await this.page.waitForFunction(holds, { input, text: start });
  }

  /** Chooses a folder in the dialog for files by its path. The dialog has read the text once it lists the folder. */
  async chooseFolder(start: string, folder: string, button: string): Promise<void> {
    await this.waitForFiles(`${start}/`);
    await this.fill(folder);
    await this.row(path.basename(folder)).waitFor();
    await this.widget.getByRole('button', { name: button }).click();
  }

  /** Waits for the validation message or prompt. */
  async waitForMessage(text: string | RegExp): Promise<void> {
    await this.message.filter({ hasText: text }).waitFor();
  }

  /**
   * Chooses one row and waits until its list is gone, so that what is typed next does not go into it.
   * A list that has just appeared ignores the mouse for a moment, so the click may have to be repeated.
   */
  async pick(text: string | RegExp): Promise<void> {
    await this.pickIn(this.row(text));
  }

  /** The same of a row that was found otherwise, and that is waited for as long as for any action or so many milliseconds. */
  async pickIn(locator: Locator, timeout?: number): Promise<void> {
    const row = await locator.elementHandle(timeout === undefined ? {} : { timeout });
    const shown = await row.textContent();
    // A page that is left takes its rows along.
    const isLeft = (): Promise<boolean> => row.evaluate(isGone, shown).catch(() => true);
    for (let attempt = 1; ; attempt += 1) {
      // A slow window may take the row away only now: then this click fails, and the row is gone.
      await row.click(attempt === 1 ? {} : { timeout: CHECK_TIMEOUT_MS }).catch((cause: unknown) => {
        if (attempt === 1) throw cause;
      });
      const end = Date.now() + CHECK_TIMEOUT_MS * attempt;
      do {
        if (await isLeft()) return;
        await delay(CHECK_PAUSE_MS);
      } while (Date.now() < end);
      if (attempt === CHECK_ATTEMPTS) throw new Error(`The row is still there: ${shown ?? ''}`);
    }
  }

  /** In a quick pick of many: chooses exactly these rows and accepts. */
  async pickMany(wanted: readonly string[]): Promise<void> {
    await this.rows.getByRole('checkbox').first().waitFor();
    for (const label of await this.labels()) await this.setChecked(label, wanted.includes(label));
    await this.widget.getByRole('button', { name: 'OK' }).click();
  }

  /** The labels of the rows that are shown, without the details below them. */
  async labels(): Promise<string[]> {
    const labels = await this.rows.locator('.quick-input-list-row:first-child .label-name').allInnerTexts();
    return labels.map((label) => label.trim());
  }

  /** Closes it without an answer. */
  async cancel(): Promise<void> {
    await this.input.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** The same where the window may have closed it on its own. */
  async leave(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** A list that has just appeared ignores the mouse for a moment, so a click may have to be repeated. */
  private async setChecked(label: string, isWanted: boolean): Promise<void> {
    const box = this.row(label).getByRole('checkbox');
    const done = box.and(this.page.locator(`[aria-checked="${isWanted}"]`));
    for (let attempt = 1; (await done.count()) === 0; attempt += 1) {
      await box.click();
      try {
        await done.waitFor({ timeout: CHECK_TIMEOUT_MS });
      } catch (cause) {
        if (attempt === CHECK_ATTEMPTS) throw cause;
      }
    }
  }
}

interface ShownElement {
  readonly textContent: string | null;
  checkVisibility(): boolean;
}

/** Runs in the page. A row's element may be drawn again for a row of the next list. */
function isGone(row: ShownElement, shown: string | null): boolean {
  return !row.checkVisibility() || row.textContent !== shown;
}

interface TextElement {
  readonly value: string;
}

function holds({ input, text }: { input: TextElement | null; text: string }): boolean {
  return input?.value === text;
}
