/** Rows of a tree by their labels, which may have a state before them. */
import assert from 'node:assert/strict';
import type { Row } from '../../../src/views/rows/row';

export function rowNamed(rows: readonly Row[], label: string): Row {
  const found = rows.find((row) => row.label === label || row.label.endsWith(` · ${label}`));
  assert.ok(found !== undefined, `no row ${label} among ${rows.map((row) => row.label).join(', ')}`);
  return found;
}
