/**
 * Typed events from lines, by the zod declaration of an agent's lines. A field that is missing, null or of another type
 * is left out, and the rest of the line is used. An unexpected type is reported as drift of the agent's schema.
 *
 * A declaration is a union by `type`. All other fields are optional. A union inside it that lists the type `unknown`
 * accepts every other type as that.
 */
import * as z from 'zod';
import { storableText } from '../../../kernel/text/storableText';
import { jsonLine } from './report';

/** Receives the name of an unexpected part, such as `result.usage: text`. */
export type DriftNote = (what: string) => void;

/** What one line of an agent is. `isExact`: every declared field has its declared type. */
export type ParsedLine<E> =
  | { readonly kind: 'text' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'event'; readonly event: E; readonly isExact: boolean };

export type EventParser<E> = (line: string, note?: DriftNote) => ParsedLine<E>;

/** The only reading of a line: counters and renderers take its events. */
export function eventParser<E>(lines: z.ZodType<E>): EventParser<E> {
  const part = partOf(lines, true);
  return (line, note) => {
    const value = jsonLine(line);
    if (value === undefined) return { kind: 'text' };
    let isExact = true;
    const cleaned = part.clean(value, 'line', (what) => {
      isExact = false;
      note?.(what);
    });
    const parsed = lines.safeParse(cleaned);
    return parsed.success ? { kind: 'event', event: parsed.data, isExact } : { kind: 'unknown' };
  };
}

/** One part of a declaration. */
interface Part {
  readonly accepts: (value: unknown) => boolean;
  /** The usable part of a value, unchanged if all of it is; undefined for none. */
  readonly clean: (value: unknown, at: string, note: DriftNote) => unknown;
}

function partOf(schema: unknown, isLine = false): Part {
  if (schema instanceof z.ZodOptional) return partOf(schema.unwrap());
  if (schema instanceof z.ZodObject) return objectPart(schema.shape);
  if (schema instanceof z.ZodDiscriminatedUnion) return unionByType(schema.options, isLine);
  if (schema instanceof z.ZodUnion) return unionPart(schema.options.map((option) => partOf(option)));
  if (schema instanceof z.ZodArray) return listPart(partOf(schema.element));
  if (schema instanceof z.ZodUnknown || isTypeField(schema)) return { accepts: () => true, clean: (value) => value };
  if (schema instanceof z.ZodString) return valuePart((value) => typeof value === 'string');
  if (schema instanceof z.ZodBoolean) return valuePart((value) => typeof value === 'boolean');
  if (schema instanceof z.ZodNumber) return valuePart(isNumberFrom(schema.minValue ?? -Infinity));
  if (schema instanceof z.ZodRecord) return { accepts: isObject, clean: (value) => value };
  throw new Error('The declaration of a line has an unknown part.');
}

function objectPart(shape: Readonly<Record<string, unknown>>): Part {
  const fields = Object.entries(shape).map(([name, schema]) => [name, partOf(schema)] as const);
  return {
    accepts: isObject,
    clean: (value, at, note) => {
      if (!isObject(value)) {
        noteType(value, at, note);
        return undefined;
      }
      let cleaned: Record<string, unknown> | undefined;
      for (const [name, part] of fields) {
        const found = value[name];
        if (found === undefined) continue;
        const usable = found === null ? undefined : part.clean(found, `${at}.${name}`, note);
        if (usable !== found) (cleaned ??= { ...value })[name] = usable;
      }
      return cleaned ?? value;
    },
  };
}

/** Reports an unknown type where the union does not accept it. The fields of a line are named by its type. */
function unionByType(options: readonly unknown[], isLine: boolean): Part {
  const parts = new Map(
    options.flatMap((option) => {
      const part = partOf(option);
      return typesOf(option).map((type) => [type, part] as const);
    }),
  );
  return {
    accepts: isObject,
    clean: (value, at, note) => {
      if (!isObject(value)) {
        noteType(value, at, note);
        return undefined;
      }
      if (typeof value.type !== 'string') noteType(value.type, `${at}.type`, note);
      const type = typeText(value.type);
      const part = parts.get(type);
      if (part !== undefined) return part.clean(value, isLine ? type : at, note);
      if (parts.has('unknown')) return { type: 'unknown' };
      const name = storableText(type.replace(/\s+/g, ' '), MAX_TYPE_LENGTH);
      note(`${at}: ${type === '' ? 'no type' : `type ${name}`}`);
      return undefined;
    },
  };
}

function typesOf(option: unknown): readonly string[] {
  const type: unknown = option instanceof z.ZodObject ? option.shape.type : undefined;
  const read = type instanceof z.ZodPipe ? type.in : type;
  if (read instanceof z.ZodLiteral) return [...read.values].map(String);
  if (read instanceof z.ZodEnum) return read.options.map(String);
  throw new Error('A member of a union has no type.');
}

/** The type of a member of a union, which is known when its fields are read. */
function isTypeField(schema: unknown): boolean {
  return schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum || schema instanceof z.ZodPipe;
}

function unionPart(parts: readonly Part[]): Part {
  return {
    accepts: (value) => parts.some((part) => part.accepts(value)),
    clean: (value, at, note) => {
      const part = parts.find(({ accepts }) => accepts(value));
      if (part === undefined) noteType(value, at, note);
      return part?.clean(value, at, note);
    },
  };
}

/** Elements that cannot be used are left out. */
function listPart(element: Part): Part {
  return {
    accepts: Array.isArray,
    clean: (value, at, note) => {
      if (!Array.isArray(value)) {
        noteType(value, at, note);
        return undefined;
      }
      const usable = value.map((item: unknown) => {
        if (element.accepts(item)) return element.clean(item, at, note);
        note(`${at}: list of ${typeName(item)}`);
        return undefined;
      });
      return usable.filter((item) => item !== undefined);
    },
  };
}

/** A number in a text counts as a number, and a number as a text, but both are drift. */
function valuePart(accepts: (value: unknown) => boolean): Part {
  return {
    accepts,
    clean: (value, at, note) => {
      if (accepts(value)) return value;
      noteType(value, at, note);
      return converted(value).find(accepts);
    },
  };
}

function isNumberFrom(least: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && Number.isFinite(value) && value >= least;
}

function converted(value: unknown): readonly unknown[] {
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (value === 'true' || value === 'false') return [value === 'true'];
  return typeof value === 'string' && value.trim() !== '' ? [Number(value)] : [];
}

const MAX_TYPE_LENGTH = 60;

function noteType(value: unknown, at: string, note: DriftNote): void {
  if (value !== undefined && value !== null) note(`${at}: ${typeName(value)}`);
}

function typeText(type: unknown): string {
  if (typeof type === 'string') return type;
  return typeof type === 'number' || typeof type === 'boolean' ? String(type) : '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number' && value < 0) return 'negative number';
  return typeof value === 'string' ? 'text' : typeof value;
}
