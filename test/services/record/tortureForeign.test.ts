/** Some seconds beside other SQLite programs; `bench/tortureForeign.ts` does ten. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { tortureBesideOthers } from '../../support/hostile/foreignTorture';
import { inLong, itLongIf } from '../../support/long';
import { newerNode } from '../../support/records/newerNode';
import { Projects } from '../../support/projects';
import { hasSqlite3 } from '../../support/records/sqlite3';

const SECONDS = inLong(2, 15);

describe('a record that other SQLite programs write too', () => {
  const projects = Projects.ofSuite();

  for (const journalMode of ['DELETE', 'WAL'] as const) {
    itLongIf(journalMode === 'DELETE')(`keeps every acknowledged write in ${journalMode} mode`, async function () {
      this.timeout(180_000);
      if (process.platform !== 'linux' || !hasSqlite3() || spawnSync('python3', ['--version']).status !== 0) {
        console.log('Skipped: this test needs Linux, sqlite3 and python3.');
        return this.skip();
      }
      const node = await newerNode();
      if (node === undefined) console.log('Only image writers: VS Code of the tests is not installed.');
      const { lost, integrity, nativeBesideOthers } = await tortureBesideOthers({
        folder: await projects.folder(),
        journalMode,
        seconds: SECONDS,
        native: node === undefined ? undefined : { node, storage: 'native' },
        image: { storage: 'image' },
      });
      assert.deepEqual(lost, []);
      assert.equal(integrity, 'ok');
      assert.ok(node === undefined || nativeBesideOthers > 0, 'the native writers starved');
    });
  }
});
