/** What makes entries of the lines of one log. */

export interface TranscriptReader {
  read(line: string): void;
  /** The log has ended. */
  end(): void;
}
