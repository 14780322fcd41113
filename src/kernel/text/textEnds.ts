/** Trims the end of a text without a pattern, which takes quadratic time on a text full of trimmed characters. */

/** The text without the characters of a set at its end. */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
