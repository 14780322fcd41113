/** Toggles of a page: whether a person sees which of them are pressed. */
import type { Page } from 'playwright-core';
import * as z from 'zod';

/** Each toggle's name with how it is drawn when it is pressed, and when it is not. */
const DRAWN = `[...document.querySelectorAll('[aria-pressed]')].map((toggle) => {
  const before = toggle.getAttribute('aria-pressed');
  const [pressed, released] = ['true', 'false'].map((state) => {
    toggle.setAttribute('aria-pressed', state);
    return getComputedStyle(toggle).backgroundColor;
  });
  toggle.setAttribute('aria-pressed', before);
  return { name: toggle.textContent, pressed, released };
})`;
const drawn = z.array(z.strictObject({ name: z.string(), pressed: z.string(), released: z.string() }));

/** The names of the toggles that are filled alike in both states. A border alone is too thin to be compared. */
export async function indistinctToggles(page: Page): Promise<readonly string[]> {
  const toggles = drawn.parse(await page.evaluate(DRAWN));
  if (toggles.length === 0) throw new Error('The page has no toggle.');
  return toggles.filter(({ pressed, released }) => pressed === released).map(({ name }) => name);
}
