/**
 * Descriptors of tables: each field of a row with its column and its codec. The column list, the codec of rows, and
 * INSERT derive from them. Other statements are SQL, written where they are used.
 */
import * as z from 'zod';
import { rowCodec } from './rows';
import type { ColumnName, RequiredColumnName, TableName } from './schema/schema';
import type { RowCodec, SqlParams, SqlValue } from './sqlite';

/** A column, and how its values are read and stored. NULL is always stored as null. */
export interface Column<N extends string, T> {
  readonly name: N;
  readonly schema: z.ZodType<T>;
  stored(value: NonNullable<T>): SqlValue;
}

/** A column whose values are stored as they are read. */
export function column<const N extends string, S extends z.ZodType<SqlValue>>(
  name: N,
  schema: S,
): Column<N, z.output<S>>;
/** A column whose values are stored in another form, which `schema` reads. */
export function column<const N extends string, S extends z.ZodType>(
  name: N,
  schema: S,
  stored: (value: NonNullable<z.output<S>>) => SqlValue,
): Column<N, z.output<S>>;
export function column(
  name: string,
  schema: z.ZodType<SqlValue>,
  stored: (value: NonNullable<SqlValue>) => SqlValue = (value) => value,
): Column<string, SqlValue> {
  return { name, schema, stored };
}

type Fields<N extends TableName> = Readonly<Record<string, Column<ColumnName<N>, unknown>>>;
type ValueOf<C> = C extends Column<string, infer T> ? T : never;
/** The value of each field of a row. */
export type Values<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

type RequiredField<N extends TableName, F extends Fields<N>> = {
  [K in keyof F]: F[K]['name'] extends RequiredColumnName<N> ? K : never;
}[keyof F];
/** The values of a new row. A field that is absent or undefined gets the default of its column. */
export type NewValues<N extends TableName, F extends Fields<N>> = {
  readonly [K in RequiredField<N, F>]: ValueOf<F[K]>;
} & { readonly [K in keyof F]?: ValueOf<F[K]> | undefined };

/** A part of the columns of a table, as a SELECT lists them, and the codec of the rows that it gives. */
export interface TablePart<T> extends RowCodec<T> {
  /** Each column under the name of its field. */
  readonly columns: string;
}

export interface TableDescriptor<N extends TableName, F extends Fields<N>, T> extends TablePart<T> {
  readonly name: N;
  /** For statements that need not read whole rows. Called once for each part, as its module is loaded. */
  part<K extends keyof F & string>(...fields: readonly K[]): TablePart<Values<Pick<F, K>>>;
  /** An INSERT of one row. */
  insert(values: NewValues<N, F>): readonly [sql: string, params: SqlParams];
  /** What stands between SET and WHERE of an UPDATE; fields that are absent or undefined are not changed. */
  assignments(changes: { readonly [K in keyof F]?: ValueOf<F[K]> | undefined }): {
    readonly sql: readonly string[];
    readonly params: SqlParams;
  };
}

/** The row of a table, as its codec gives it. */
export type RowOf<D> = D extends RowCodec<infer T> ? T : never;

/**
 * Describes a table of the schema. `key` is the field that identifies a row in errors. `read` combines fields where a
 * row is not simply its fields.
 */
export function defineTable<const N extends TableName, F extends Fields<N>>(
  name: N,
  fields: F,
  key?: keyof F & string,
): TableDescriptor<N, F, Values<F>>;
export function defineTable<const N extends TableName, F extends Fields<N>, T>(
  name: N,
  fields: F,
  key: keyof F & string,
  read: (row: Values<F>) => T,
): TableDescriptor<N, F, T>;
export function defineTable<N extends TableName, F extends Fields<N>>(
  name: N,
  fields: F,
  key = 'id',
  read?: (row: Values<F>) => unknown,
): TableDescriptor<N, F, unknown> {
  const given = (values: Readonly<Record<string, unknown>>): (readonly [column: string, value: SqlValue])[] =>
    Object.entries(fields).flatMap(([field, { name: column, stored }]) => {
      const value = values[field];
      return value === undefined ? [] : [[column, value === null ? null : stored(value)] as const];
    });
  const whole = partOf(name, fields, key);
  return {
    name,
    columns: whole.columns,
    decode: read === undefined ? whole.decode : (row) => read(whole.decode(row)),
    part: (...names) => {
      const chosen = names.map((field) => [field, fields[field]] as const);
      return partOf(name, Object.fromEntries(chosen) as Pick<F, (typeof names)[number]>, key);
    },
    insert: (values) => {
      const pairs = given(values);
      const columns = pairs.map(([column]) => column).join(', ');
      const marks = pairs.map(() => '?').join(', ');
      return [`INSERT INTO ${name} (${columns}) VALUES (${marks})`, pairs.map(([, value]) => value)];
    },
    assignments: (changes) => {
      const pairs = given(changes);
      return { sql: pairs.map(([column]) => `${column} = ?`), params: pairs.map(([, value]) => value) };
    },
  };
}

function partOf<F extends Readonly<Record<string, Column<string, unknown>>>>(
  table: string,
  fields: F,
  key: string,
): TablePart<Values<F>> {
  const entries = Object.entries(fields);
  const columnOf = Object.fromEntries(entries.map(([field, { name }]) => [field, name]));
  const row = z.object(Object.fromEntries(entries.map(([field, { schema }]) => [field, schema])));
  return {
    columns: entries.map(([field, { name }]) => (field === name ? name : `${name} AS "${field}"`)).join(', '),
    // The fields of the object are those of `fields`, which the type of `Object.fromEntries` does not show.
    ...rowCodec(table, row as unknown as z.ZodType<Values<F>>, key, columnOf),
  };
}
