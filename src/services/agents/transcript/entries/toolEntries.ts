/** Tool calls as entries: each is one entry, which changes while the call runs. */
import type { EntryOf, TextDiff, ToolStatus } from '../../../../contract/transcript';
import { copyOf, RecentMap, startOf } from '../../output/bounded';
import { boundedText, printedText, titleText, type EntryList } from './entryList';

/** Calls that run at the same time. Beyond that, the oldest is no longer updated. */
const MOST_RUNNING = 500;
const MOST_ID_LENGTH = 200;
const MOST_PATHS = 50;
const MOST_DIFFS = 50;
const LONGEST_OUTPUT = 20_000;
const LONGEST_DIFF = 50_000;

/** What is known of a call; what is left out stays as it was. */
export interface ToolNews {
  readonly title?: string | undefined;
  readonly status?: ToolStatus | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly output?: string | undefined;
  readonly diffs?: readonly TextDiff[] | undefined;
}

type Tool = EntryOf<'tool'>;

export class ToolEntries {
  private readonly running = new Map<string, { readonly index: number; readonly entry: Tool }>();
  private readonly ended = new RecentMap<true>(MOST_RUNNING);

  constructor(private readonly entries: EntryList) {}

  /** A call that starts, or has changed. One without an id, or that has ended, does not change later. */
  take(id: string | undefined, news: ToolNews): void {
    if (id === undefined) {
      this.entries.add(merged(undefined, news));
      return;
    }
    const key = copyOf(startOf(id, MOST_ID_LENGTH));
    if (this.ended.get(key) !== undefined) return;
    const before = this.running.get(key);
    const entry = merged(before?.entry, news);
    let index = before?.index;
    if (index === undefined) index = this.entries.add(entry);
    else this.entries.set(index, entry);
    this.running.delete(key);
    if (entry.status === 'running') this.running.set(key, { index, entry });
    else this.ended.set(key, true);
    const [oldest] = this.running.keys();
    if (this.running.size > MOST_RUNNING && oldest !== undefined) this.running.delete(oldest);
  }

  isRunning(id: string): boolean {
    return this.running.has(startOf(id, MOST_ID_LENGTH));
  }

  /** Gives calls that are still running their status at the end of a turn or log. */
  end(status: 'canceled' | 'unfinished'): void {
    for (const { index, entry } of this.running.values()) this.entries.set(index, { ...entry, status });
    this.running.clear();
  }
}

function merged(before: Tool | undefined, { title, status, paths, output, diffs }: ToolNews): Tool {
  const isNamed = title !== undefined && title.trim() !== '';
  return {
    kind: 'tool',
    title: isNamed ? titleText(title) : (before?.title ?? ''),
    status: status ?? before?.status ?? 'running',
    paths: paths === undefined || paths.length === 0 ? (before?.paths ?? []) : pathsOf(paths),
    output: output === undefined ? (before?.output ?? '') : printedText(output, LONGEST_OUTPUT),
    diffs: diffs === undefined || diffs.length === 0 ? (before?.diffs ?? []) : diffs.slice(0, MOST_DIFFS).map(bounded),
  };
}

function pathsOf(paths: readonly string[]): string[] {
  return [...new Set(paths.slice(0, 10 * MOST_PATHS))].slice(0, MOST_PATHS).map(titleText);
}

function bounded({ path, oldText, newText }: TextDiff): TextDiff {
  return {
    path: titleText(path),
    oldText: oldText === null ? null : boundedText(oldText, LONGEST_DIFF),
    newText: boundedText(newText, LONGEST_DIFF),
  };
}
