/** Whether a database is blank: nothing was ever written to it, or all of it was deleted. */
import type { Reader } from '../unit';
import { COMPONENTS, TABLES } from '../db/schema/schema';

export function isBlank(r: Reader): boolean {
  const tables = [...TABLES, ...COMPONENTS.flatMap((component) => component.tables)];
  return tables.every(({ name }) => r.db.rows(`SELECT 1 FROM ${name} LIMIT 1`, []).length === 0);
}
