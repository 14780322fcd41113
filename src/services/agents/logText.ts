/**
 * An agent's log as readable text: its messages, its commands and their results. Unknown lines are shown unchanged, so
 * only the wrapping format is hidden.
 */
import type { OutputParser } from '../../contract/agentKinds';
import type { LineRenderer } from './output/program';
import { AGENT_PROGRAMS } from './programs';
import { withoutTerminalCodes } from './output/terminalCodes';
import { startOf } from '../../kernel/text/storableText';

/** Longer lines are broken, because they slow down editors. In UTF-16 units. */
export const MAX_LINE_LENGTH = 2000;
/** Pieces of one line that are shown. */
export const MAX_LINE_PIECES = 10;

/** Renders one log, line by line. */
export class LogText {
  private readonly renderer: LineRenderer | undefined;

  constructor(parser: OutputParser) {
    const { renderer } = AGENT_PROGRAMS[parser];
    this.renderer = renderer === 'unchanged' ? undefined : renderer();
  }

  /** The lines to show for one log line; none for a line without useful content. */
  render(line: string): string[] {
    return (this.renderer?.(line) ?? [line]).flatMap(fit);
  }

  /** The lines to show at the end of the log: the rest of a message that was interrupted. */
  end(): string[] {
    return (this.renderer?.end?.() ?? []).flatMap(fit);
  }
}

/**
 * Prepares any text for an editor: removes terminal codes and shortens long lines, with a note of the omitted length.
 */
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
