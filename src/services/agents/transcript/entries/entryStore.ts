/**
 * The entries of a transcript by their index, in a scratch file: an entry is made of lines that are far apart in the
 * log, such as a request and its answer, so it cannot be read from there again.
 */
import { transcriptEntry, type TranscriptEntry } from '../../../../contract/transcript';
import { ScratchFile } from '../../../../host/files/scratchFile';
import type { EntryChange } from './entryList';

export class EntryStore {
  private readonly file = new ScratchFile();
  /** Of each entry: where it is in the file, and how long. */
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];

  get count(): number {
    return this.starts.length;
  }

  put(changes: readonly EntryChange[]): void {
    const parts = changes.map(([, entry]) => Buffer.from(JSON.stringify(entry)));
    let at = this.file.append(Buffer.concat(parts));
    for (const [order, [index]] of changes.entries()) {
      const length = parts[order]?.length ?? 0;
      this.starts[index] = at;
      this.lengths[index] = length;
      at += length;
    }
  }

  /** The entry as JSON. */
  textAt(index: number): string {
    return this.file.read(this.starts[index] ?? 0, this.lengths[index] ?? 0).toString('utf8');
  }

  /** Undefined beyond the last. */
  at(index: number): TranscriptEntry | undefined {
    if (index < 0 || index >= this.count) return undefined;
    return transcriptEntry.parse(JSON.parse(this.textAt(index)));
  }

  dispose(): void {
    this.file.dispose();
  }
}
