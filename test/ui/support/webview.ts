/** Webviews: a frame inside a frame, each document of which is replaced while it loads. */
import type { Frame, Page } from 'playwright-core';

const OUTER = /\/webview\/browser\/pre\/index/;
const ASK_AGAIN_MS = 50;
const TIMEOUT_MS = 30_000;

/**
 * The frame of the webview whose document holds an element for `selector`. Throws when none does within 15 seconds.
 * The frame is a page like any other: `frame.locator(…)`.
 */
export async function findWebview(page: Page, selector: string): Promise<Frame> {
  const end = Date.now() + TIMEOUT_MS;
  while (Date.now() < end) {
    for (const frame of page.frames().filter((f) => OUTER.test(f.parentFrame()?.url() ?? ''))) {
      if (await holds(frame, selector)) return frame;
    }
    await page.waitForTimeout(ASK_AGAIN_MS);
  }
  throw new Error(`No webview holds ${selector}.`);
}

/** A frame that goes away while it is asked is not the one. */
async function holds(frame: Frame, selector: string): Promise<boolean> {
  try {
    return (await frame.locator(selector).count()) > 0;
  } catch (cause) {
    if (frame.isDetached() || (cause instanceof Error && /context was destroyed|detached/.test(cause.message))) {
      return false;
    }
    throw cause;
  }
}
