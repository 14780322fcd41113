/**
 * The decisions of a session, each as a sealed line in a file of its own: a log loses its middle at its limit, this file
 * does not. Its host adds to it; the program that follows the dispatch reads on from where it was.
 */
import { appendFileSync } from 'node:fs';
import { newDecision, type NewDecision } from '../../../kernel/dispatch/newDecision';
import { openRegular } from '../../files/smallFile';
import { unsealed } from '../../launcher/seal';
import { DECISION, seal } from './sessionSeal';

/** Some ten thousand decisions. What follows is only in the log. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Of one read; longer than any line. */
const CHUNK_BYTES = 256 * 1024;
const LINE_END = 10;

export class DecisionFile {
  private size = 0;

  constructor(
    private readonly file: string,
    private readonly secret: string,
  ) {}

  add(decision: NewDecision): void {
    const line = Buffer.from(`${seal(this.secret, DECISION, decision)}\n`);
    if (this.size + line.length > MAX_BYTES) return;
    try {
      appendFileSync(this.file, line, { mode: 0o600 });
      this.size += line.length;
    } catch (error) {
      // On a full disk the session continues; the log may have room again before this file.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

/** Decisions in the order in which they were made, each read once. */
export class DecisionReading {
  private offset = 0;

  constructor(private readonly of: { readonly decisions: string; readonly secret: string }) {}

  /** The next ones; none at the end, or where there is no file. They are read again until `pass`. */
  async next(): Promise<{ readonly list: readonly NewDecision[]; readonly pass: () => void } | undefined> {
    const file = await openRegular(this.of.decisions);
    if (file === undefined) return undefined;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.offset);
      const length = buffer.subarray(0, bytesRead).lastIndexOf(LINE_END) + 1;
      if (length === 0) return undefined;
      const end = this.offset + length;
      const lines = buffer.toString('utf8', 0, length - 1).split('\n');
      return { list: lines.flatMap((line) => this.parse(line) ?? []), pass: () => (this.offset = end) };
    } finally {
      await file.close();
    }
  }

  private parse(line: string): NewDecision | undefined {
    const record = unsealed(this.of.secret, DECISION, line);
    return record === undefined ? undefined : newDecision.safeParse(JSON.parse(record)).data;
  }
}

/** All decisions that the session's host has left, in their order; none where there is no file. */
export async function readDecisions(of: {
  readonly decisions: string;
  readonly secret: string;
}): Promise<NewDecision[]> {
  const reading = new DecisionReading(of);
  const all: NewDecision[] = [];
  for (let next = await reading.next(); next !== undefined; next = await reading.next()) {
    all.push(...next.list);
    next.pass();
  }
  return all;
}
