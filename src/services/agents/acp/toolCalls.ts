/** The tool calls of a session as lines: one for each call, when it ends. */
import { copyOf, RecentMap, startOf } from '../output/bounded';
import type { AcpEventOf } from './lines';
import { oneLine } from './words';

/** Calls that run at the same time. Beyond that, the oldest is forgotten. */
const MOST_CALLS = 500;
const MOST_ID_LENGTH = 200;
const MOST_ERROR_LINES = 10;
const MOST_ERROR_LENGTH = 2000;

type Call = AcpEventOf<'toolCall'>['call'];

export class ToolCalls {
  /** The titles of calls that have not ended. */
  private readonly running = new Map<string, string>();
  private readonly ended = new RecentMap<true>(MOST_CALLS);

  /** The lines of a call that has ended now. */
  take(call: Call): string[] {
    const id = copyOf(startOf(call.toolCallId, MOST_ID_LENGTH));
    if (this.ended.get(id) !== undefined) return [];
    const title = copyOf(titleOf(call)) || (this.running.get(id) ?? '');
    const { status } = call;
    if (status !== 'completed' && status !== 'failed') {
      this.running.set(id, title);
      const [oldest] = this.running.keys();
      if (this.running.size > MOST_CALLS && oldest !== undefined) this.running.delete(oldest);
      return [];
    }
    this.running.delete(id);
    this.ended.set(id, true);
    return [lineOf(title, status), ...(status === 'failed' ? errorLines(call) : [])];
  }

  /** The lines of calls that were still running at the end of a turn. */
  endTurn(status: string): string[] {
    const lines = [...this.running.values()].map((title) => lineOf(title, status));
    this.running.clear();
    return lines;
  }
}

/** The title is the agent's; without one, the kind and the files. */
function titleOf({ title = '', name = '', kind, locations = [] }: Call): string {
  const own = oneLine(title) || oneLine(name);
  if (own !== '' || kind === undefined) return own;
  return oneLine([kind, ...locations.slice(0, 3).map(({ path }) => path)].join(' '));
}

function lineOf(title: string, status: string): string {
  return `> ${title === '' ? 'tool' : title} · ${status}`;
}

/** The start of what a failed call reported. */
function errorLines({ content = [] }: Call): string[] {
  const text = content.map((part) => part.content?.text ?? '').join('\n');
  const lines = startOf(text, MOST_ERROR_LENGTH).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_ERROR_LINES)
    .map((line) => `! ${line}`);
}
