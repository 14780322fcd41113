/** Text in one field of a row: rows are lines with tabs. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
