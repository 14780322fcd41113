/** Descriptions of tables as data, so that a table can be created or completed column by column. */

export interface Table {
  readonly name: string;
  /** Declaration by column name, in the order of a fresh table. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Further table constraints. */
  readonly constraints?: readonly string[];
  /** What follows `ON table` by index name. */
  readonly indexes?: Readonly<Record<string, string>>;
}

/**
 * Tables of our own in Intercore's file, versioned apart from Intercore's schema
 * (`docs/design/formats.md#tables-of-our-own`).
 */
export interface Component {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly Table[];
}

export function createTableSql(table: Table): string {
  const columns = Object.entries(table.columns).map(([name, declaration]) => `${name} ${declaration}`);
  const inColumn = Object.values(table.columns).some((declaration) => declaration.includes('PRIMARY KEY'));
  const key = inColumn || table.key.length === 0 ? [] : [`PRIMARY KEY (${table.key.join(', ')})`];
  return `CREATE TABLE ${table.name} (${[...columns, ...key, ...(table.constraints ?? [])].join(', ')})`;
}

/**
 * Whether a column can be added to a table with rows: it is nullable, or has a constant default. A table that lacks any
 * other column was never Intercore's.
 */
export function canBeAdded(declaration: string): boolean {
  if (declaration.includes('PRIMARY KEY')) return false;
  return !declaration.includes('NOT NULL') || /DEFAULT (?!\()/.test(declaration);
}
