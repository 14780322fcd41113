/** Cutting the end of a text by hand: a pattern for the end takes quadratic time on a text full of what it cuts. */

/** The text without the characters of a set at its end. */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
