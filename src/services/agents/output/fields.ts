/**
 * One line of an agent's output, read field by field. A field that is missing, null or of another type is skipped, and
 * the rest of the line is used. An unexpected type is recorded as drift of the agent's schema.
 */
import { storableText } from '../../../kernel/text/storableText';

/** Receives the name of an unexpected part, such as `result.usage: text`. */
export type DriftNote = (what: string) => void;

export class Fields {
  private constructor(
    private readonly value: Readonly<Record<string, unknown>>,
    private readonly at: string,
    private readonly note: DriftNote,
  ) {}

  /** Undefined if the value is not an object. */
  static of(value: unknown, at: string, note: DriftNote): Fields | undefined {
    if (isObject(value)) return new Fields(value, at, note);
    if (value !== undefined && value !== null) note(`${at}: ${typeName(value)}`);
    return undefined;
  }

  /** Records an unknown type of line or item. */
  unknownType(type: string | undefined): void {
    const name =
      type === undefined || type === ''
        ? 'no type'
        : `type ${storableText(type.replace(/\s+/g, ' '), MAX_TYPE_LENGTH)}`;
    this.note(`${this.at}: ${name}`);
  }

  has(name: string): boolean {
    return this.value[name] !== undefined && this.value[name] !== null;
  }

  text(name: string): string | undefined {
    const value = this.value[name];
    if (typeof value === 'string') return value;
    this.noteOther(name);
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }

  /** Not negative. Digits in a string count. */
  number(name: string): number | undefined {
    const value = this.value[name];
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    this.noteOther(name);
    if (typeof value !== 'string' || value.trim() === '') return undefined;
    const read = Number(value);
    return Number.isFinite(read) && read >= 0 ? read : undefined;
  }

  /** A whole number that can be stored. */
  count(name: string): number | undefined {
    const value = this.number(name);
    return value === undefined || value > Number.MAX_SAFE_INTEGER ? undefined : Math.floor(value);
  }

  flag(name: string): boolean | undefined {
    const value = this.value[name];
    if (typeof value === 'boolean') return value;
    this.noteOther(name);
    return value === 'true' ? true : value === 'false' ? false : undefined;
  }

  fields(name: string): Fields | undefined {
    return Fields.of(this.value[name], this.path(name), this.note);
  }

  /** The objects of a list; other elements are dropped. */
  list(name: string): readonly Fields[] {
    const value = this.value[name];
    if (!Array.isArray(value)) {
      this.noteOther(name);
      return [];
    }
    return value.flatMap((item: unknown) => {
      if (isObject(item)) return [new Fields(item, this.path(name), this.note)];
      this.note(`${this.path(name)}: list of ${typeName(item)}`);
      return [];
    });
  }

  /** The strings of a list, and the messages of its objects. */
  texts(name: string): readonly string[] {
    const value = this.value[name];
    if (Array.isArray(value)) {
      return value.flatMap((item: unknown) => {
        const text = isObject(item) ? item.message : item;
        return typeof text === 'string' ? [text] : [];
      });
    }
    this.noteOther(name);
    return [];
  }

  /** Unchanged; the caller checks its type. */
  raw(name: string): unknown {
    return this.value[name];
  }

  private path(name: string): string {
    return `${this.at}.${name}`;
  }

  private noteOther(name: string): void {
    if (this.has(name)) this.note(`${this.path(name)}: ${typeName(this.value[name])}`);
  }
}

const MAX_TYPE_LENGTH = 60;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number' && value < 0) return 'negative number';
  return typeof value === 'string' ? 'text' : typeof value;
}
