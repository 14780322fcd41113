/**
 * An agent's log as a person reads it: what it said, the commands it ran and what came of them. A line that
 * is not understood is shown as it is, so nothing of the log is hidden but its wrapping.
 */
import type { OutputParser } from '../../contract/agentKinds';
import { withoutTrailing } from '../../kernel/text/textEnds';
import { claudeText } from './claude/claudeText';
import { CodexText } from './codex/codexText';
import { jsonLine } from './output/report';
import { startOf } from '../../kernel/text/storableText';

/** Longer lines are broken, since editors slow down on them; in UTF-16 units. */
export const MAX_LINE_LENGTH = 2000;
/** Pieces of one line that are shown. */
export const MAX_LINE_PIECES = 10;

/** Renders one log, line by line. */
export class LogText {
  private readonly codex = new CodexText();

  constructor(private readonly parser: OutputParser) {}

  /** The lines to show for one line of the log; none where it says nothing a person would miss. */
  render(line: string): string[] {
    return (this.structured(line) ?? [line]).flatMap(fit);
  }

  private structured(line: string): string[] | undefined {
    if (this.parser === 'plain') return undefined;
    const value = jsonLine(line);
    if (value === undefined) return undefined;
    return this.parser === 'claude' ? claudeText(value) : this.codex.render(value);
  }
}

/** Makes any text fit for an editor: no terminal codes, no line too long; says what it leaves out. */
function fit(text: string): string[] {
  return text.split('\n').flatMap((line) => wrap(withoutTerminalCodes(line)));
}

function wrap(line: string): string[] {
  if (line.length <= MAX_LINE_LENGTH) return [line];
  const pieces: string[] = [];
  let from = 0;
  while (from < line.length && pieces.length < MAX_LINE_PIECES) {
    const piece = startOf(line.slice(from), MAX_LINE_LENGTH);
    pieces.push(piece);
    from += piece.length;
  }
  if (from < line.length) pieces.push(`… (${line.length - from} more characters of this line)`);
  return pieces;
}

/** Colors, cursor movements and titles; of a line that was written over, what remained. */
function withoutTerminalCodes(line: string): string {
  const plain = line.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g, '');
  return withoutTrailing(plain, '\r').split('\r').at(-1) ?? '';
}
