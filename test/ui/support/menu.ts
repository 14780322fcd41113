/** Context menus. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { wholeText } from './text';

/** VS Code ignores the mouse for this long after a menu opened, and shows nothing when it starts to listen. */
const MENU_DEAF_MS = 250;
/** In a slow window that takes longer. A menu that stays open did not hear the click. */
const CHOICE_ATTEMPTS = 5;
const CHOICE_TIMEOUT_MS = 2000;

/** Opens the context menu of an element and returns its entries, without the separators. The menu stays open. */
export async function openMenu(page: Page, target: Locator): Promise<string[]> {
  await target.click({ button: 'right' });
  const entries = page.locator('.monaco-menu').getByRole('menuitem');
  await entries.first().waitFor();
  await delay(MENU_DEAF_MS);
  return (await entries.locator('.action-label').allInnerTexts()).filter((text) => text !== '');
}

/** Chooses an entry of the open menu. A path goes through submenus. */
export async function chooseInMenu(page: Page, ...labels: readonly string[]): Promise<void> {
  for (const [index, label] of labels.entries()) {
    const named = page.locator('.action-label', { hasText: wholeText(label) });
    const entry = page.locator('.monaco-menu').getByRole('menuitem').filter({ has: named }).first();
    if (index === labels.length - 1) {
      await clickUntilClosed(page, entry);
    } else {
      await entry.hover();
      await page
        .locator('.monaco-menu')
        .nth(index + 1)
        .waitFor();
      await delay(MENU_DEAF_MS);
    }
  }
}

async function clickUntilClosed(page: Page, entry: Locator): Promise<void> {
  const menu = page.locator('.monaco-menu').first();
  for (let attempt = 1; ; attempt += 1) {
    await entry.click(attempt === 1 ? {} : { timeout: CHOICE_TIMEOUT_MS }).catch((cause: unknown) => {
      // It may have closed since it was checked; then the next line says so.
      if (attempt === 1) throw cause;
    });
    try {
      await menu.waitFor({ state: 'detached', timeout: CHOICE_TIMEOUT_MS });
      return;
    } catch (cause) {
      if (attempt === CHOICE_ATTEMPTS) throw cause;
    }
  }
}

/** Closes the open menu without choosing. */
export async function closeMenu(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('.monaco-menu').first().waitFor({ state: 'detached' });
}
