/**
 * What the schema of a record may contain. Our tables and indexes: only clauses of some version of Intercore; parts
 * that an older version lacked may be missing. Tables of other programs, and columns that others added to ours: plain
 * ones, with only fast expressions, and indexes of their columns. No views, triggers, virtual tables, generated
 * columns, or indexes of expressions.
 */
import { COMPONENTS, EXTENSION_SCHEMA, SCHEMA_VERSION, TABLES } from '../../kernel/db/schema/schema';
import { createTableSql, type Table } from '../../kernel/db/schema/tables';
import { once } from '../../kernel/once';
import { refuse } from '../database/refusal';
import type { Pages, SchemaRow } from './schemaPages';
import { parseSchemaSql, type Clause, type ColumnSql, type IndexSql, type TableSql } from './schemaSql';
import { shown, type Token } from './sqlTokens';
import { because } from '../../kernel/errors/reasons/problem';

/** Entries that SQLite itself adds to a schema. */
const OWN_OF_SQLITE = new Set([
  'CREATE TABLE sqlite_sequence(name,seq)',
  'CREATE TABLE sqlite_stat1(tbl,idx,stat)',
  'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)',
]);

/** Functions that are fast with any arguments. */
const HARMLESS_FUNCTIONS = ['length', 'lower', 'upper', 'typeof', 'unixepoch', 'datetime', 'date'];
/** Words before a parenthesis that are not functions, and words of operators. */
const OPERATORS = ['check', 'default', 'in', 'and', 'or', 'not', 'is', 'null', 'between', 'true', 'false'];
const REFUSED_WORDS = ['select', 'like', 'glob', 'regexp', 'match', 'exists', 'case', 'cast', 'collate', 'raise'];
const MAX_EXPRESSION_TOKENS = 200;
/** Names that our statements use to call functions of SQLite, or that SQLite reserves. */
const RESERVED_NAME = /^(?:sqlite_|pragma_|json_)/;

/** @throws KernelError `DATABASE_REFUSED` or `DATABASE_DAMAGED`, without the path. */
export function checkSchema(pages: Pages): void {
  for (const row of pages.schema()) {
    // Most files contain only our own statements.
    if (row.sql === null || !STATEMENTS.has(row.sql) || !isNamed(row, row.sql)) checkRow(row, pages);
    checkRoot(row, pages);
  }
}

function checkRow(row: SchemaRow, pages: Pages): void {
  const { type, name, table, sql } = row;
  if (sql === null) {
    if (type !== 'index' || !name.startsWith('sqlite_autoindex_')) {
      refuse(because('its schema has {type} {name} without SQL', { type, name }));
    }
  } else if (!(OWN_OF_SQLITE.has(sql) && type === 'table' && name === table && isNamed(row, sql))) {
    const parsed = parseSchemaSql(sql);
    const owner = parsed.kind === 'table' ? parsed.name : parsed.table;
    if (parsed.kind !== type || parsed.name !== name.toLowerCase() || owner !== table.toLowerCase()) {
      refuse(because('its schema has {type} {name} under another name: {sql}', { type, name, sql: shown(sql) }));
    }
    if (parsed.kind === 'table') checkTable(parsed, pages);
    else checkIndex(parsed);
  }
}

function checkRoot({ type, name, rootPage }: SchemaRow, pages: Pages): void {
  if (rootPage < 2 || rootPage > pages.count) {
    refuse(because('its schema has {type} {name} on no page of the file', { type, name }));
  }
}

function isNamed({ type, name, table }: SchemaRow, sql: string): boolean {
  if (type === 'index') return sql.startsWith(`CREATE INDEX ${name} ON ${table}(`);
  return type === 'table' && name === table && /^ ?\(/.test(sql.slice(`CREATE TABLE ${name}`.length));
}

function checkTable(table: TableSql, pages: Pages): void {
  const ours = knownParts().tables.get(table.name);
  if (ours === undefined) {
    if (RESERVED_NAME.test(table.name)) refuse(because('its schema has a table {name}', { name: table.name }));
    checkPlain(table, [...table.constraints, ...table.columns.flatMap(({ clauses }) => clauses)]);
  } else if (isNewer(table.name, pages)) {
    checkNewer(table, ours);
  } else {
    for (const column of table.columns) checkColumn(table, column, ours);
    const unknown = table.constraints.find(({ text }) => !ours.constraints.has(text));
    if (unknown !== undefined) {
      const facts = { name: table.name, sql: shown(unknown.text) };
      refuse(because('its table {name} has a constraint of no known version: {sql}', facts));
    }
  }
}

function checkColumn(table: TableSql, { name, type, clauses }: ColumnSql, ours: KnownTable): void {
  const known = ours.columns.get(name);
  const refuseColumn = (text: string): never =>
    refuse(
      because('its column {name} is of no known version: {sql}', { name: `${table.name}.${name}`, sql: shown(text) }),
    );
  if (known === undefined) {
    checkPlain(table, clauses);
    return;
  }
  if (type !== known.type) refuseColumn(type);
  const unknown = clauses.find(({ text }) => !known.clauses.has(text));
  if (unknown !== undefined) refuseColumn(unknown.text);
}

function checkNewer(table: TableSql, ours: KnownTable): void {
  for (const { name, clauses } of table.columns) {
    checkPlain(
      table,
      clauses.filter(({ text }) => ours.columns.get(name)?.clauses.has(text) !== true),
    );
  }
  checkPlain(
    table,
    table.constraints.filter(({ text }) => !ours.constraints.has(text)),
  );
}

function checkPlain(table: TableSql, clauses: readonly Clause[]): void {
  const unknown = clauses.find(({ expression }) => !isHarmless(expression));
  if (unknown !== undefined) {
    const facts = { name: table.name, sql: shown(unknown.text) };
    refuse(because('its table {name} has an expression of no known version: {sql}', facts));
  }
}

function checkIndex({ name, table, text, isPlain }: IndexSql): void {
  const { indexes, tables } = knownParts();
  if (indexes.get(name) === `${table} ${text}`) return;
  if (!isPlain || tables.has(table)) {
    refuse(because('its index {name} is of no known version: {sql}', { name, sql: shown(text) }));
  }
}

function isHarmless(expression: readonly Token[]): boolean {
  if (expression.length > MAX_EXPRESSION_TOKENS) return false;
  return expression.every(({ kind, text, quoted }, index) => {
    if (kind === 'sign') return text !== ';';
    if (kind !== 'word') return true;
    const isCall = expression[index + 1]?.text === '(';
    if (isCall) return !quoted && (HARMLESS_FUNCTIONS.includes(text) || OPERATORS.includes(text));
    return quoted || !REFUSED_WORDS.includes(text);
  });
}

/** Whether a version newer than ours created the table: then the file is read-only, and its clauses may be unknown. */
function isNewer(table: string, pages: Pages): boolean {
  if (TABLES.some(({ name }) => name === table)) return pages.userVersion > SCHEMA_VERSION;
  const component = COMPONENTS.find(({ tables }) => tables.some(({ name }) => name === table));
  return component !== undefined && (componentVersions(pages).get(component.name) ?? 0) > component.version;
}

const MAX_COMPONENTS = 100;
const MAX_COMPONENT_BYTES = 10_000;

function componentVersions(pages: Pages): ReadonlyMap<string, number> {
  const row = pages.schema().find(({ type, name }) => type === 'table' && name === EXTENSION_SCHEMA.name);
  const versions = new Map<string, number>();
  if (row === undefined) return versions;
  for (const [component, version] of pages.table(row.rootPage, MAX_COMPONENTS, MAX_COMPONENT_BYTES)) {
    if (typeof component === 'string' && typeof version === 'number') versions.set(component, version);
  }
  return versions;
}

interface KnownColumn {
  readonly type: string;
  readonly clauses: ReadonlySet<string>;
}

interface KnownTable {
  readonly columns: ReadonlyMap<string, KnownColumn>;
  readonly constraints: ReadonlySet<string>;
}

interface KnownParts {
  readonly tables: ReadonlyMap<string, KnownTable>;
  /** Table and columns by the index's name. */
  readonly indexes: ReadonlyMap<string, string>;
}

const OUR_TABLES = [...TABLES, EXTENSION_SCHEMA, ...COMPONENTS.flatMap((component) => component.tables)];
const OUR_INDEXES = OUR_TABLES.flatMap(({ name, indexes = {} }) =>
  Object.entries(indexes).map(([index, on]) => `CREATE INDEX ${index} ON ${name}${on}`),
);
const STATEMENTS: ReadonlySet<string> = new Set([...OUR_TABLES.map(createTableSql), ...OUR_INDEXES]);

/** Parsed at the first file that other versions or programs have created. */
const knownParts = once((): KnownParts => {
  const indexes = OUR_INDEXES.map((sql) => parseSchemaSql(sql)).filter((index) => index.kind === 'index');
  return {
    tables: new Map(OUR_TABLES.map((table) => [table.name, knownTable(table)])),
    indexes: new Map(indexes.map(({ name, table, text }) => [name, `${table} ${text}`])),
  };
});

function knownTable(table: Table): KnownTable {
  const parsed = parseSchemaSql(createTableSql(table));
  if (parsed.kind !== 'table') return refuse(because('{name} is not a table', { name: table.name }));
  const key = `primary key ( ${table.key.join(' , ')} )`;
  const columns = parsed.columns.map(({ name, type, clauses }): [string, KnownColumn] => {
    // Programs differ in where they declare the key, and in whether they declare it NOT NULL.
    const ofKey = table.key.includes(name) ? ['not null', ...(table.key.length === 1 ? ['primary key'] : [])] : [];
    return [name, { type, clauses: new Set([...clauses.map(({ text }) => text), ...ofKey]) }];
  });
  return { columns: new Map(columns), constraints: new Set([...parsed.constraints.map(({ text }) => text), key]) };
}
