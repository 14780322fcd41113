/** What a page of the VS Code server opens. */
import type { Page } from 'playwright-core';
import type { Opened } from './fixtures';

/** Values to put into the configuration with which the workbench boots; `null` removes a key. */
export type BootPatch = { readonly [key: string]: string | boolean | null | BootPatch | readonly BootPatch[] };

/** A path of the server's machine, as the workbench names it. */
export const remoteUri = (host: string, path: string): BootPatch => ({
  scheme: 'vscode-remote',
  authority: host,
  path,
});

/** The address of the window. `payload`: instructions that only a server with a test driver follows. */
export function windowAddress(host: string, opened: Opened, payload?: readonly (readonly [string, string])[]): string {
  const query = new URLSearchParams();
  if (opened.kind === 'empty') query.set('ew', 'true');
  else query.set(opened.kind, opened.path);
  if (payload !== undefined) query.set('payload', JSON.stringify(payload));
  return `http://${host}/?${query.toString()}`;
}

/** What the script below finds in the page. */
interface BootElement {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
}
declare const document: { getElementById(id: string): BootElement | null };
interface BootStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  clear(): void;
}
declare const sessionStorage: BootStorage;
declare const window: { readonly top: unknown };
declare const MutationObserver: new (changed: () => void) => {
  observe(target: unknown, options: { childList: boolean; subtree: boolean }): void;
  disconnect(): void;
};

/**
 * Changes the boot configuration of every page opened afterwards, before the workbench reads it. Changing the
 * document on its way (`page.route`) does not work: the browser then refuses the loopback socket.
 */
export async function patchBoot(page: Page, patch: BootPatch): Promise<void> {
  await page.addInitScript(patchDocument, { patch, key: KEPT_PATCH });
}

/** The same for a page that shows one window after another: each window has the patch that was kept for it. */
export async function patchBootAsKept(page: Page): Promise<void> {
  await page.addInitScript(patchDocument, { patch: null, key: KEPT_PATCH });
}

/** Keeps the patch for the next window. The page shows a document of the server. */
export async function keepBootPatch(page: Page, patch: BootPatch): Promise<void> {
  const kept = { key: KEPT_PATCH, text: JSON.stringify(patch) };
  await page.evaluate(({ key, text }) => {
    sessionStorage.clear();
    sessionStorage.setItem(key, text);
  }, kept);
}

const KEPT_PATCH = 'intercore.boot';

function patchDocument({ patch, key }: { readonly patch: BootPatch | null; readonly key: string }): void {
  if (window.top !== window) return;
  const given = patch ?? (JSON.parse(sessionStorage.getItem(key) ?? '{}') as BootPatch);
  const merge = (target: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> => {
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) Reflect.deleteProperty(target, key);
      else if (typeof value !== 'object' || Array.isArray(value)) target[key] = value;
      else target[key] = merge((target[key] ?? {}) as Record<string, unknown>, value as Record<string, unknown>);
    }
    return target;
  };
  const observer = new MutationObserver(() => {
    const element = document.getElementById('vscode-workbench-web-configuration');
    if (element === null) return;
    observer.disconnect();
    const boot = JSON.parse(element.getAttribute('data-settings') ?? '{}') as Record<string, unknown>;
    element.setAttribute('data-settings', JSON.stringify(merge(boot, given)));
  });
  observer.observe(document, { childList: true, subtree: true });
}
