/** Stored text in the editor's own inputs: one short line. */
import { shortened } from '../../kernel/text/storableText';

const LONGEST_LABEL = 120;

/** For a title or a name in a sentence, where VS Code reads no icons. */
export function oneLine(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? '';
  return shortened(line, LONGEST_LABEL);
}

/** For a label: nothing in it is read as an icon. */
export function plain(text: string): string {
  return oneLine(text).replaceAll('$(', String.raw`\$(`);
}
