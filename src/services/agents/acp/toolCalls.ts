/** The tool calls of a session as lines: one for each call, when it ends. */
import { copyOf, RecentMap, startOf } from '../output/bounded';
import type { AcpEventOf } from './lines';
import { oneLine } from './words';

/** Calls that run at the same time. Beyond that, the oldest is forgotten. */
const MOST_CALLS = 500;
const MOST_ID_LENGTH = 200;
const MOST_PATHS = 3;
const MOST_ERROR_LINES = 10;
const MOST_ERROR_LENGTH = 2000;

type Call = AcpEventOf<'toolCall'>['call'];

interface Shown {
  readonly title: string;
  readonly paths: string;
}

export class ToolCalls {
  /** Calls that have not ended. */
  private readonly running = new Map<string, Shown>();
  private readonly ended = new RecentMap<true>(MOST_CALLS);

  /** The lines of a call that has ended now. */
  take(call: Call): string[] {
    const id = copyOf(startOf(call.toolCallId, MOST_ID_LENGTH));
    if (this.ended.get(id) !== undefined) return [];
    const before = this.running.get(id);
    const shown = {
      title: copyOf(titleOf(call)) || (before?.title ?? ''),
      paths: copyOf(pathsOf(call)) || (before?.paths ?? ''),
    };
    const { status } = call;
    if (status !== 'completed' && status !== 'failed') {
      this.running.set(id, shown);
      const [oldest] = this.running.keys();
      if (this.running.size > MOST_CALLS && oldest !== undefined) this.running.delete(oldest);
      return [];
    }
    this.running.delete(id);
    this.ended.set(id, true);
    return [lineOf(shown, status), ...(status === 'failed' ? errorLines(call) : [])];
  }

  /** The lines of calls that were still running at the end of a turn. */
  endTurn(status: string): string[] {
    const lines = [...this.running.values()].map((shown) => lineOf(shown, status));
    this.running.clear();
    return lines;
  }
}

/** The title is the agent's. */
function titleOf({ title = '', name = '', kind }: Call): string {
  return oneLine(title) || oneLine(name) || (kind ?? '');
}

/** Some agents name the files in the diffs only. */
function pathsOf({ locations = [], content = [] }: Call): string {
  const paths = [...locations, ...content].flatMap(({ path }) => path ?? []);
  return oneLine([...new Set(paths)].slice(0, MOST_PATHS).join(', '));
}

/** Most titles name the file; the others get its path. */
function lineOf({ title, paths }: Shown, status: string): string {
  const isNamed = title.includes(paths.slice(Math.max(paths.lastIndexOf('/'), paths.lastIndexOf('\\')) + 1));
  return ['>', title === '' ? 'tool' : title, ...(isNamed ? [] : [paths]), '·', status].join(' ');
}

/** The start of what a failed call reported, without the marks of a block. */
function errorLines({ content = [] }: Call): string[] {
  const text = content.map((part) => part.content?.text ?? '').join('\n');
  const lines = startOf(text, MOST_ERROR_LENGTH).split('\n');
  return lines
    .filter((line) => !/^\s*(```.*)?$/.test(line))
    .slice(0, MOST_ERROR_LINES)
    .map((line) => `! ${line}`);
}
