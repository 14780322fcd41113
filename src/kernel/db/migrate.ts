/**
 * Brings a database image to the complete schema, in memory (`docs/design/formats.md#migration`). Missing parts are
 * found by inspection, never by the version number, because the original stamps incomplete files with version 10 (Q3).
 */
import * as z from 'zod';
import { KernelError, problemOf } from '../errors/errors';
import { foreignText } from '../errors/reasons/problem';
import { rowCodec } from './rows';
import { COMPONENTS, EXTENSION_SCHEMA, SCHEMA_VERSION, TABLES } from './schema/schema';
import type { SqliteImage } from './sqlite';
import { canBeAdded, createTableSql, type Component, type Table } from './schema/tables';

/** What a file was and what was done to its image. */
export interface Migration {
  /** Its `user_version`: 0 for a new database. */
  readonly fileVersion: number;
  /** The image has schema parts that the file lacks; the first save writes them, after a backup. */
  readonly migrated: boolean;
  /** The file held no tables at all, so there is nothing to back up. */
  readonly wasEmpty: boolean;
  /** What a file stamped with our version lacked: `table`, `table.column` or an index name. */
  readonly repaired: readonly string[];
  /** A newer program wrote the file; tables of ours that it lacks are added to the image and read as empty. */
  readonly readOnly: boolean;
}

/** What a database holds, as far as the schema is concerned. */
interface Inventory {
  /** Columns by table. */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>;
  /** Primary key columns by table. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /** Table by index. */
  readonly indexes: ReadonlyMap<string, string>;
  /** No table, index, view or trigger at all. */
  readonly empty: boolean;
}

/** A statement to run, and the name of what it adds. */
interface Addition {
  readonly name: string;
  readonly sql: string;
}

/**
 * Idempotent, and one transaction.
 * @throws KernelError `MIGRATION_FAILED` where our tables cannot be created or completed; the image is unchanged.
 */
export function migrateImage(image: SqliteImage): Migration {
  const fileVersion = pragmaVersion(image);
  const untouched = { fileVersion, migrated: false, wasEmpty: false, repaired: [] };
  try {
    const inventory = takeInventory(image);
    const versions = componentVersions(image, inventory);
    const known = COMPONENTS.filter((component) => (versions.get(component.name) ?? 0) <= component.version);
    if (fileVersion > SCHEMA_VERSION || known.length < COMPONENTS.length) {
      for (const component of known) completeForReading(image, component, inventory);
      return { ...untouched, readOnly: true };
    }
    const missing = TABLES.flatMap((table) => additions(table, inventory));
    const own = ownAdditions(inventory);
    const outdated = COMPONENTS.filter((component) => versions.get(component.name) !== component.version);
    const migrated = fileVersion !== SCHEMA_VERSION || missing.length + own.length + outdated.length > 0;
    if (migrated) complete(image, [...missing, ...own], outdated);
    const repaired = fileVersion === SCHEMA_VERSION ? missing.map((addition) => addition.name) : [];
    return { fileVersion, migrated, wasEmpty: inventory.empty, repaired, readOnly: false };
  } catch (error) {
    throw new KernelError(
      'MIGRATION_FAILED',
      { fromVersion: fileVersion, problem: foreignText(reasonOf(error)) },
      { cause: error },
    );
  }
}

function complete(image: SqliteImage, missing: readonly Addition[], outdated: readonly Component[]): void {
  image.begin();
  try {
    for (const addition of missing) image.exec(addition.sql);
    for (const component of outdated) {
      image.run('INSERT OR REPLACE INTO extension_schema (component, version) VALUES (?, ?)', [
        component.name,
        component.version,
      ]);
    }
    image.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    image.commit();
  } catch (error) {
    image.rollback();
    throw error;
  }
}

/**
 * Adds the tables of our components that a file of a newer program lacks, so that they are read as empty. Intercore's
 * tables are not completed, because a newer version may keep the columns elsewhere. Where the names are taken, nothing
 * of the component is read.
 */
function completeForReading(image: SqliteImage, { tables }: Component, inventory: Inventory): void {
  image.begin();
  try {
    for (const { sql } of tables.flatMap((table) => additions(table, inventory))) image.exec(sql);
    image.commit();
  } catch {
    image.rollback();
  }
}

function ownAdditions(inventory: Inventory): Addition[] {
  return [EXTENSION_SCHEMA, ...COMPONENTS.flatMap((component) => component.tables)].flatMap((table) =>
    additions(table, inventory),
  );
}

function additions(table: Table, inventory: Inventory): Addition[] {
  const columns = inventory.columns.get(table.name);
  if (columns === undefined) {
    return [{ name: table.name, sql: createTableSql(table) }, ...missingIndexes(table, inventory)];
  }
  const key = inventory.keys.get(table.name);
  if (table.key.some((name) => key?.has(name) !== true)) {
    throw new Error(`table ${table.name} belongs to another program: its key is not ${table.key.join(', ')}`);
  }
  const added = Object.entries(table.columns)
    .filter(([name]) => !columns.has(name))
    .map(([name, declaration]) => {
      if (!canBeAdded(declaration)) throw new Error(`table ${table.name} belongs to another program: no ${name}`);
      return { name: `${table.name}.${name}`, sql: `ALTER TABLE ${table.name} ADD COLUMN ${name} ${declaration}` };
    });
  return [...added, ...missingIndexes(table, inventory)];
}

function missingIndexes(table: Table, inventory: Inventory): Addition[] {
  return Object.entries(table.indexes ?? {})
    .filter(([name]) => inventory.indexes.get(name) !== table.name)
    .map(([name, on]) => ({ name, sql: `CREATE INDEX ${name} ON ${table.name}${on}` }));
}

const columnRow = rowCodec('sqlite_schema', z.object({ owner: z.string(), name: z.string(), pk: z.number() }), 'owner');
const objectRow = rowCodec(
  'sqlite_schema',
  z.object({ type: z.string(), name: z.string(), tbl_name: z.string(), sql: z.string().nullable() }),
  'name',
);

function takeInventory(image: SqliteImage): Inventory {
  const objects = image.all(
    'SELECT type, lower(name) AS name, lower(tbl_name) AS tbl_name, sql FROM sqlite_schema',
    [],
    objectRow,
  );
  const indexes = objects
    .filter((object) => object.type === 'index')
    .map((object) => [object.name, object.tbl_name] as const);
  const statements = new Set(objects.map((object) => object.sql));
  return { ...columnsOf(image, statements), indexes: new Map(indexes), empty: objects.length === 0 };
}

/** Only our own tables are inspected: others may be virtual tables of missing modules. */
function columnsOf(image: SqliteImage, statements: ReadonlySet<string | null>): Pick<Inventory, 'columns' | 'keys'> {
  const columns = new Map<string, Set<string>>();
  const keys = new Map<string, Set<string>>();
  const ours = [...TABLES, EXTENSION_SCHEMA, ...COMPONENTS.flatMap((component) => component.tables)];
  const unknown = ours.filter((table) => {
    // A table with exactly our statement needs no inspection, which takes many times as long.
    if (!statements.has(createTableSql(table))) return true;
    columns.set(table.name, new Set(Object.keys(table.columns)));
    keys.set(table.name, new Set(table.key));
    return false;
  });
  if (unknown.length === 0) return { columns, keys };
  // Names are compared in lower case, as SQLite compares them.
  const found = image.all(
    `SELECT lower(m.name) AS owner, lower(c.name) AS name, c.pk AS pk
     FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
     WHERE m.type = 'table' AND lower(m.name) IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(unknown.map((table) => table.name))],
    columnRow,
  );
  for (const { owner, name, pk } of found) {
    add(columns, owner, name);
    if (pk > 0) add(keys, owner, name);
  }
  return { columns, keys };
}

function add(sets: Map<string, Set<string>>, owner: string, name: string): void {
  const set = sets.get(owner);
  if (set === undefined) sets.set(owner, new Set([name]));
  else set.add(name);
}

/** An unreadable row counts as no version, so that it is written again. */
function componentVersions(image: SqliteImage, inventory: Inventory): ReadonlyMap<string, number> {
  const columns = inventory.columns.get(EXTENSION_SCHEMA.name);
  const versions = new Map<string, number>();
  if (columns?.has('component') !== true || !columns.has('version')) return versions;
  for (const { component, version } of image.rows('SELECT component, version FROM extension_schema', [])) {
    if (typeof component === 'string' && typeof version === 'number') versions.set(component, version);
  }
  return versions;
}

function pragmaVersion(image: SqliteImage): number {
  const version = image.rows('PRAGMA user_version', [])[0]?.['user_version'];
  return typeof version === 'number' ? version : 0;
}

function reasonOf(error: unknown): string {
  return KernelError.is(error, 'SQL_FAILED') ? error.facts.problem.text : problemOf(error);
}
