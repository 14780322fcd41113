import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'mocha';
import { createRepository } from '../../scripts/demo/repositories';
import { allCommands } from '../../src/cli/table';
import { runRows, type Row } from '../support/cliTable';
import { OTHER_ROWS } from './rows/others';
import { RUN_ROWS } from './rows/runs';
import { VILLAGE_ROWS } from './rows/village';

const GROUPS: Readonly<Record<string, readonly Row[]>> = { ...RUN_ROWS, ...OTHER_ROWS, ...VILLAGE_ROWS };
const ROWS = Object.values(GROUPS).flat();

/** The relay works until it is stopped (relay.test.ts); these need a plan or a worker (village*.test.ts). */
const ELSEWHERE = new Set([
  'portfolio relay',
  ...['close', 'start', 'retry', 'stop', 'merge'].map((verb) => `subtask ${verb}`),
]);

async function files(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'p.sh'), 'printf -- "--- VERDICT ---\\nSTATUS: pass\\n---\\n"\n');
  await writeFile(path.join(folder, 'slow.sh'), 'exec sleep 20\n');
  await writeFile(path.join(folder, 'bad.sh'), 'exit 3\n');
  await createRepository(path.join(folder, 'repository'), [{ message: 'Begin', files: { 'a.txt': 'a' } }]);
  await writeFile(path.join(folder, 'title.txt'), 'Say "hello" $(whoami)\n');
  await writeFile(path.join(folder, 'vector'), Buffer.from(new Float32Array([1, 2, 3]).buffer));
}

describe('every command of ic, as a process', function () {
  this.timeout(180_000);
  for (const [name, rows] of Object.entries(GROUPS)) it(`answers as it should: ${name}`, () => runRows(rows, files));

  it('is covered: success, JSON where there is any, and every expected no', async () => {
    const commands = (await allCommands()).filter(({ words }) => !ELSEWHERE.has(words.join(' ')));
    const lacking = commands.flatMap((command) => {
      const name = command.words.join(' ');
      const rows = ROWS.filter(({ line }) => line === name || line.startsWith(`${name} `));
      const has = (test: (row: Row) => boolean): boolean => name === 'init' || rows.some(test);
      return [
        ...(has((row) => (row.code ?? 0) === 0) ? [] : [`${name}: success`]),
        ...(command.json !== true || has(({ line }) => line.includes(' --json')) ? [] : [`${name}: JSON`]),
        ...(command.exits?.[1] === undefined || has(({ code }) => code === 1) ? [] : [`${name}: exit 1`]),
        ...(command.strict !== true || has(({ code }) => code === 3) ? [] : [`${name}: exit 3`]),
      ];
    });
    assert.deepEqual(lacking, []);
  });
});
