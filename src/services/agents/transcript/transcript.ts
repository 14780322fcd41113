/**
 * The transcript of one dispatch, live or afterwards (`docs/design/sessions.md#transcripts`). Memory stays small,
 * however long the log is.
 */
import type { OutputParser } from '../../../contract/agentKinds';
import type { EntryOf, TranscriptEntry } from '../../../contract/transcript';
import { LogTail } from '../../../host/launcher/log/logTail';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';
import { inTurns } from '../../../host/turns';
import type { KernelError } from '../../../kernel/errors/errors';
import { LineCutter } from '../output/lines';
import { EntryStore } from './entries/entryStore';
import { EntryList } from './entries/entryList';
import { TRANSCRIPT_READERS } from './readers';
import { textOf as plainText } from './entries/entryText';

export interface TranscriptListener {
  /** Entries with these indexes are new or different. */
  readonly onChanged: (indexes: readonly number[]) => void;
  /** The log could not be read; following continues. */
  readonly onProblem: (error: KernelError) => void;
}

/** More would not be stepped through. */
const MOST_FOUND = 10_000;
const STEP = 200;

export class Transcript {
  private readonly entries = new EntryList();
  private readonly store = new EntryStore();
  private readonly reader;
  private readonly cutter: LineCutter;
  private readonly tail: LogTail;
  private lastPlan: EntryOf<'plan'> | undefined;
  private tooLong = 0;
  private isDisposed = false;

  constructor(
    file: OwnStorageFile,
    parser: OutputParser,
    private readonly listener: TranscriptListener,
  ) {
    this.reader = TRANSCRIPT_READERS[parser](this.entries);
    this.cutter = new LineCutter((line) => this.reader.read(line), { shortensJson: parser !== 'plain' });
    this.tail = new LogTail(file, {
      onBytes: (bytes) => {
        this.cutter.push(bytes);
        this.keep();
      },
      onGrown: () => undefined,
      onProblem: listener.onProblem,
    });
  }

  get count(): number {
    return this.store.count;
  }

  /** The plan as it is now. */
  get plan(): EntryOf<'plan'> | undefined {
    return this.lastPlan;
  }

  /** Follows the log until `dispose`. */
  follow(): void {
    this.tail.start();
  }

  /** Reads to the end of the log, of an agent that has ended if `hasEnded`. */
  async finish(hasEnded: boolean): Promise<void> {
    await this.tail.drain();
    if (!hasEnded) return;
    this.cutter.end();
    this.reader.end();
    this.keep();
  }

  at(index: number): TranscriptEntry | undefined {
    return this.store.at(index);
  }

  /**
   * The indexes of entries with a text, regardless of case. The newest are left out beyond a bound.
   * @param textOf what a reader sees of an entry
   */
  async search(
    text: string,
    textOf: (entry: TranscriptEntry) => string = plainText,
  ): Promise<{ readonly indexes: readonly number[]; readonly isComplete: boolean }> {
    const wanted = text.toLowerCase();
    const indexes: number[] = [];
    const { store } = this;
    const isOpen = (): boolean => !this.isDisposed;
    const steps = function* (): Generator<undefined, void> {
      for (let index = 0; index < store.count && indexes.length < MOST_FOUND && isOpen(); index += 1) {
        const entry = store.at(index);
        if (entry !== undefined && textOf(entry).toLowerCase().includes(wanted)) indexes.push(index);
        if (index % STEP === STEP - 1) yield;
      }
    };
    await inTurns(steps());
    return { indexes, isComplete: indexes.length < MOST_FOUND };
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    await this.tail.dispose();
    this.store.dispose();
  }

  private keep(): void {
    if (this.cutter.dropped > this.tooLong) {
      this.tooLong = this.cutter.dropped;
      this.entries.note('a line of more than a million bytes is not shown');
    }
    const changes = this.entries.take();
    if (changes.length === 0 || this.isDisposed) return;
    this.store.put(changes);
    for (const [, entry] of changes) if (entry.kind === 'plan') this.lastPlan = entry;
    this.listener.onChanged(changes.map(([index]) => index));
  }
}
