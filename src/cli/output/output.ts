/**
 * Output of `ic`. Data is written to stdout at the end, or a part at a time if it is long; messages are written to
 * stderr at once (`docs/design/commandLine.md#text-and-json`).
 */
import { withSortedKeys } from '../../kernel/text/deepJson';
import { encodeGoJson } from '../../kernel/text/goJson';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface Streams {
  /** False if no reader is left. */
  writeOut(text: string): Promise<boolean>;
  writeError(text: string): void;
}

/** Thrown if output could not be written, for example to a full disk. */
export class OutputFailed extends Error {}

export class Output {
  private readonly pending: string[] = [];
  private failure: OutputFailed | undefined;

  constructor(private readonly streams: Streams) {}

  /** A line of data. */
  line(text: string): void {
    this.pending.push(`${text}\n`);
  }

  /** Fields separated by tabs. */
  row(...fields: readonly (string | number | null)[]): void {
    this.line(fields.map((field) => field ?? '').join('\t'));
  }

  /** JSON with the keys in the order given (a struct of the original). */
  json(value: JsonValue): void {
    this.line(encodeGoJson(value));
  }

  /** JSON with keys sorted at every level (a map of the original). */
  map(value: JsonValue): void {
    this.line(encodeGoJson(sorted(value)));
  }

  /** Like `map`, on several lines with an indent of two spaces (rollback). */
  indentedMap(value: JsonValue): void {
    this.line(encodeGoJson(sorted(value), 2));
  }

  /** A message on stderr: `ic: <command>: <message>`. */
  message(text: string): void {
    this.streams.writeError(`ic: ${text}\n`);
  }

  /** A bare line on stderr. */
  note(text: string): void {
    this.streams.writeError(`${text}\n`);
  }

  /** An item of a list, printed as `map` would print the whole list; `endList` ends it. */
  listItem(value: JsonValue, isFirst: boolean): void {
    this.pending.push(isFirst ? '[' : ',', encodeGoJson(sorted(value)));
  }

  endList(isEmpty: boolean): void {
    this.line(isEmpty ? '[]' : ']');
  }

  /** Writes the result before the rest of a command's work, which runs in any case: `flush` reports a failure. */
  async answer(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      if (!(error instanceof OutputFailed)) throw error;
      this.failure = error;
    }
  }

  /**
   * Writes the buffered output, as after every part of a long output. False if no reader is left.
   * @throws OutputFailed
   */
  async flush(): Promise<boolean> {
    const text = this.pending.splice(0).join('');
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    return text === '' || (await this.streams.writeOut(text));
  }
}

/** Marks a value inside a map that keeps its own key order. */
const STRUCT = Symbol('struct');

/** Keeps the key order of `value` inside a `map`. */
export function struct<T extends { readonly [key: string]: JsonValue }>(value: T): T {
  Object.defineProperty(value, STRUCT, { value: true });
  return value;
}

function sorted(value: JsonValue): unknown {
  return withSortedKeys(value, (object) => STRUCT in object);
}

/** Leaves out entries that are null, as the original does for values that are not set. */
export function present(entries: { readonly [key: string]: JsonValue | undefined }): { [key: string]: JsonValue } {
  const kept: { [key: string]: JsonValue } = {};
  for (const [key, value] of Object.entries(entries)) if (value !== undefined && value !== null) kept[key] = value;
  return kept;
}
