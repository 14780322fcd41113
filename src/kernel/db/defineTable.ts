/**
 * Descriptors of tables: each field of a row with its column and its codec. The column list, the codec of rows, and
 * INSERT derive from them. Other statements are SQL, written where they are used.
 */
import * as z from 'zod';
import { rowCodec } from './rows';
import type { ColumnName, RequiredColumnName, TableName } from './schema/schema';
import type { RowCodec, SqlParams, SqlValue } from './sqlTypes';

/** A column, and how its values are read and stored. NULL is always stored as null. */
export interface Column<N extends string, T, Given = T, IsRead extends boolean = boolean> {
  readonly name: N;
  readonly isRead: IsRead;
  readonly schema: z.ZodType<T>;
  stored(value: NonNullable<Given>): SqlValue;
}

/** A column whose values are stored as `schema` reads them. */
export function column<const N extends string, S extends z.ZodType<SqlValue>>(
  name: N,
  schema: S,
): Column<N, z.output<S>, z.input<S> & SqlValue, true>;
/** A column whose values are stored in another form, which `schema` reads. */
export function column<const N extends string, S extends z.ZodType>(
  name: N,
  schema: S,
  stored: (value: NonNullable<z.output<S>>) => SqlValue,
): Column<N, z.output<S>, z.output<S>, true>;
export function column(
  name: string,
  schema: z.ZodType<SqlValue>,
  stored: (value: NonNullable<SqlValue>) => SqlValue = (value) => value,
): Column<string, SqlValue, SqlValue, true> {
  return { name, isRead: true, schema, stored };
}

/** A column that is stored with the others, and read only by a part that names it. */
export function unread<N extends string, T, Given>(described: Column<N, T, Given>): Column<N, T, Given, false> {
  return { ...described, isRead: false };
}

type Fields<N extends TableName> = Readonly<Record<string, Column<ColumnName<N>, unknown, unknown>>>;
type ValueOf<C> = C extends Column<string, infer T, unknown> ? T : never;
type GivenTo<C> = C extends Column<string, unknown, infer Given> ? Given : never;
/** The value of each field of a row. */
export type Values<F> = {
  readonly [K in keyof F as F[K] extends { readonly isRead: false } ? never : K]: ValueOf<F[K]>;
};
type Chosen<F, K extends keyof F> = { readonly [Field in K]: ValueOf<F[Field]> };

type RequiredField<N extends TableName, F extends Fields<N>> = {
  [K in keyof F]: F[K]['name'] extends RequiredColumnName<N> ? K : never;
}[keyof F];
/** The values of a new row. A field that is absent or undefined gets the default of its column. */
export type NewValues<N extends TableName, F extends Fields<N>> = {
  readonly [K in RequiredField<N, F>]: GivenTo<F[K]>;
} & Changes<F>;
type Changes<F> = { readonly [K in keyof F]?: GivenTo<F[K]> | undefined };

/** A part of the columns of a table, as a SELECT lists them, and the codec of the rows that it gives. */
export interface TablePart<T> extends RowCodec<T> {
  /** Each column under the name of its field. */
  readonly columns: string;
}

export interface TableDescriptor<N extends TableName, F extends Fields<N>, T> extends TablePart<T> {
  readonly name: N;
  /** For statements that need not read whole rows. Called once for each part, as its module is loaded. */
  part<K extends keyof F & string>(...fields: readonly K[]): TablePart<Chosen<F, K>>;
  /** An INSERT of one row. */
  insert(values: NewValues<N, F>): readonly [sql: string, params: SqlParams];
  /** The same, in place of the row with this key, if there is one. */
  replace(values: NewValues<N, F>): readonly [sql: string, params: SqlParams];
  /** What stands between SET and WHERE of an UPDATE; fields that are absent or undefined are not changed. */
  assignments(changes: Changes<F>): {
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
  const all = Object.entries(fields);
  const given = (values: Readonly<Record<string, unknown>>): { columns: string[]; params: SqlValue[] } => {
    const columns: string[] = [];
    const params: SqlValue[] = [];
    for (const [field, described] of all) {
      const value = values[field];
      if (value === undefined) continue;
      columns.push(described.name);
      params.push(value === null ? null : described.stored(value));
    }
    return { columns, params };
  };
  const insertion = (verb: string, values: Readonly<Record<string, unknown>>): readonly [string, SqlParams] => {
    const { columns, params } = given(values);
    const marks = `?${', ?'.repeat(columns.length - 1)}`;
    return [`${verb} INTO ${name} (${columns.join(', ')}) VALUES (${marks})`, params];
  };
  const whole = partOf<Values<F>>(
    name,
    all.filter(([, { isRead }]) => isRead),
    key,
  );
  return {
    name,
    columns: whole.columns,
    decode: read === undefined ? (row) => whole.decode(row) : (row) => read(whole.decode(row)),
    part: (...names) => {
      const chosen: ReadonlySet<string> = new Set(names);
      return partOf(
        name,
        all.filter(([field]) => chosen.has(field)),
        key,
      );
    },
    insert: (values) => insertion('INSERT', values),
    replace: (values) => insertion('INSERT OR REPLACE', values),
    assignments: (changes) => {
      const { columns, params } = given(changes);
      return { sql: columns.map((column) => `${column} = ?`), params };
    },
  };
}

function partOf<T>(
  table: string,
  fields: readonly (readonly [field: string, column: Column<string, unknown>])[],
  key: string,
): TablePart<T> {
  const columnOf = Object.fromEntries(fields.map(([field, { name }]) => [field, name]));
  const row = z.object(Object.fromEntries(fields.map(([field, { schema }]) => [field, schema])));
  return {
    columns: fields.map(([field, { name }]) => (field === name ? name : `${name} AS "${field}"`)).join(', '),
    // The type of `Object.fromEntries` does not show which fields the object has.
    ...rowCodec(table, row as unknown as z.ZodType<T>, key, columnOf),
  };
}
