/** Whether a database says nothing at all: it was made, and nothing was ever written to it or all of it is gone. */
import type { Reader } from '../unit';
import { COMPONENTS, TABLES } from '../db/schema/schema';

export function isBlank(r: Reader): boolean {
  const tables = [...TABLES, ...COMPONENTS.flatMap((component) => component.tables)];
  return tables.every(({ name }) => r.db.rows(`SELECT 1 FROM ${name} LIMIT 1`, []).length === 0);
}
