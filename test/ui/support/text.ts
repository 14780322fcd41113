/** How text in the window is matched: Playwright's own text filter ignores case and matches parts. */

/** Matches the whole of an element's text, but for the space around it and what `before` matches. A pattern stays as it is. */
export function wholeText(text: string | RegExp, before = ''): RegExp {
  if (text instanceof RegExp) return text;
  return new RegExp(`^\\s*${before}${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}
