/** Text of programs without what it asks of a terminal. */
import { withoutTrailing } from '../../../kernel/text/textEnds';

/**
 * Removes colors, cursor movements and titles. An overwritten line keeps its final text. Node's
 * `stripVTControlCharacters` leaves the rest of a title or link with a space in it.
 */
export function withoutTerminalCodes(line: string): string {
  const plain = line.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g, '');
  return withoutTrailing(plain, '\r').split('\r').at(-1) ?? '';
}
