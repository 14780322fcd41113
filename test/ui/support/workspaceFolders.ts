/** The folders of a workspace that VS Code opens for the first time. In a browser it may lose them. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '../../support/until';

const SHOWN_TIMEOUT_MS = 60_000;
/** Below the data of a user. */
const COPIES = 'User/caches/CachedConfigurations/workspaces';

/**
 * Returns when the Explorer shows the folders of the workspace that was opened. VS Code reads the file of the workspace
 * and its own copy of it side by side. Where both answers come in one message, as from a busy machine, it keeps the
 * folders of the copy, and at the first opening there are none. It has the copy afterwards, so loading again helps.
 */
export async function showsFolders(page: Page, user: string): Promise<void> {
  // The Explorer has no heading before VS Code is sure of the folders.
  const heading = page.locator('.explorer-viewlet .pane-header .title');
  const none = heading.filter({ hasText: /^No Folder Opened$/ });
  const some = heading.filter({ hasText: / \(Workspace\)$/ });
  await none.or(some).waitFor({ timeout: SHOWN_TIMEOUT_MS });
  if (await some.isVisible()) return;
  await until(
    () => copies(path.join(user, COPIES)),
    (found) => found > 0,
  );
  await page.reload();
  await some.waitFor({ timeout: SHOWN_TIMEOUT_MS });
}

/** How many are written. A new user has none. */
async function copies(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const files = (await readdir(folder, { recursive: true })).filter((file) => path.basename(file) === 'workspace.json');
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.filter((text) => text.endsWith('}')).length;
}
