/** docs/compatibility.md: what is done with each known quirk of the original is decided and said. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inProject } from '../../../tools/project';

const KNOWN_QUIRKS = 25;

describe('docs/compatibility.md', () => {
  const page = readFileSync(inProject('docs/compatibility.md'), 'utf8');

  it('has a row for every quirk of the original', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    const missing = Array.from({ length: KNOWN_QUIRKS }, (_, i) => `Q${i + 1}`).filter(
      (quirk) => !rows.some((row) => new RegExp(`\\b${quirk}\\b`).test(row)),
    );
    assert.deepEqual(missing, []);
  });

  it('fills every cell of every row', () => {
    for (const line of page.split('\n').filter((row) => row.startsWith('|'))) {
      const cells = line.split(/(?<!\\)\|/).slice(1, -1);
      assert.ok(cells.length >= 2 && cells.every((cell) => cell.trim() !== ''), line);
    }
  });
});
