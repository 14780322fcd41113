/** Stored text as it may stand in a label: one short line, in which nothing is read as an icon. */

const LONGEST_LABEL = 120;

export function plain(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? '';
  const short = line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL - 1)}…` : line;
  return short.replaceAll('$(', String.raw`\$(`);
}
