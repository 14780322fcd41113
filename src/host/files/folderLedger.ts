/**
 * Decisions of this user about a folder, and what they created in it: lines in a file of the user's own state, outside
 * the folder, because a record and a repository come from elsewhere. Windows and `ic` share the files; lines are only
 * appended, so several programs may write at once.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFoldersSync } from './folders';
import { isNoEntry } from './fileErrors';

/**
 * `agents`: kinds that may run. `hooks`: hooks that may run. `work`: ids that this user has created. `owners`: trusted.
 */
export type LedgerTopic = 'agents' | 'hooks' | 'work' | 'owners';

export class FolderLedger {
  constructor(
    private readonly storage: string,
    private readonly topic: LedgerTopic,
  ) {}

  /** The lines of a folder, each once; empty if nothing was decided. */
  entries(folder: string): ReadonlySet<string> {
    try {
      const [, ...lines] = readFileSync(this.file(folder), 'utf8').split('\n');
      return new Set(lines.filter((line) => line !== ''));
    } catch (error) {
      if (isNoEntry(error)) return new Set();
      throw error;
    }
  }

  has(folder: string, entry: string): boolean {
    return this.entries(folder).has(entry);
  }

  /** Durable enough for a decision: one that is lost in a crash is asked again. */
  add(folder: string, entries: readonly string[]): void {
    const known = this.entries(folder);
    const added = entries.filter((entry) => !known.has(entry));
    if (added.length === 0) return;
    const file = this.file(folder);
    makeFoldersSync(path.dirname(file));
    const head = known.size === 0 ? `# ${oneLine(real(folder))}\n` : '';
    appendFileSync(file, `${head}${added.map(oneLine).join('\n')}\n`, { mode: 0o600 });
  }

  /** Removes lines. A line that another program adds at the same time may be lost, and is asked again. */
  remove(folder: string, isGone: (entry: string) => boolean): void {
    const kept = [...this.entries(folder)].filter((entry) => !isGone(entry));
    const file = this.file(folder);
    makeFoldersSync(path.dirname(file));
    const draft = `${file}.${process.pid}`;
    const lines = [`# ${oneLine(real(folder))}`, ...kept, ''];
    writeFileSync(draft, lines.join('\n'), { mode: 0o600 });
    renameSync(draft, file);
  }

  private file(folder: string): string {
    const name = createHash('sha256').update(real(folder)).digest('hex').slice(0, 32);
    return path.join(this.storage, `${name}.${this.topic}`);
  }
}

/** The folder without links, so that one folder has one ledger. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (error) {
    if (isNoEntry(error)) return path.resolve(folder);
    throw error;
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}
