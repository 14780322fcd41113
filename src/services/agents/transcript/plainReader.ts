/** The transcript of any program: what it printed. */
import type { EntryList } from './entries/entryList';
import type { TranscriptReader } from './reader';

export class PlainTranscript implements TranscriptReader {
  constructor(private readonly entries: EntryList) {}

  read(line: string): void {
    this.entries.print(line);
  }

  end(): void {
    // Each line was complete.
  }
}
