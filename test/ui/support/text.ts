/** How text in the window is matched: Playwright's own text filter ignores case and matches parts. */

/** Matches the whole of an element's text, but for the space around it. A pattern stays as it is. */
export function wholeText(text: string | RegExp): RegExp {
  if (text instanceof RegExp) return text;
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}
