import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { IcProject } from '../../../support/records/icProject';
import { newerNode } from '../../../support/records/newerNode';
import { hasSqlite3, OpenSqlite3 } from '../../../support/records/sqlite3';
import { itLongIf } from '../../../support/long';

const put = (scope: string): string =>
  `INSERT INTO state (key, scope_id, payload) VALUES ('theirs', '${scope}', '"${scope}"');`;

/**
 * Node's own SQLite: a writer in WAL mode, and a reader that stays in a transaction started before the last write. It
 * says `ready` when the last row is in the log alone, and ends when its input does.
 */
const NODE_SQLITE = `
  const { DatabaseSync } = require('node:sqlite');
  const [file] = process.argv.slice(-1);
  const writer = new DatabaseSync(file);
  writer.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${put('first').replaceAll('"', '\\"')}");
  const reader = new DatabaseSync(file);
  reader.exec('BEGIN; SELECT count(*) FROM state;');
  reader.prepare('SELECT count(*) FROM state').get();
  writer.exec("${put('second').replaceAll('"', '\\"')}");
  console.log('ready');
  process.stdin.resume().on('end', () => { reader.close(); writer.close(); });
`;

async function readyProcess(program: string, file: string): Promise<ChildProcess> {
  const child = spawn(program, ['-e', NODE_SQLITE, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')])) as unknown[];
  assert.equal(line, 'ready');
  return child;
}

describe('ic and native SQLite on one record', function () {
  this.timeout(120_000);
  let project: IcProject;

  before(function () {
    if (!hasSqlite3()) this.skip();
  });
  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(() => project.close());

  const theirs = async (): Promise<string[]> => {
    const list = await project.ok('state', 'list', 'theirs');
    return list === '' ? [] : list.split('\n');
  };
  const isWhole = async (): Promise<void> => {
    assert.deepEqual(await project.rows('PRAGMA integrity_check'), ['ok']);
    assert.deepEqual(await project.rows('PRAGMA foreign_key_check'), []);
    assert.deepEqual(await project.rows('PRAGMA user_version'), ['10']);
  };

  it('reads changes in the log, and does not write while another program has the record open', async () => {
    await project.ok('run', 'create', '--goal=ours');
    const program = new OpenSqlite3(project.database);
    await program.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${put('logged')}`);
    assert.ok((await stat(`${project.database}-wal`)).size > 0);
    assert.deepEqual(await theirs(), ['logged']);
    assert.equal(await project.ok('state', 'get', 'theirs', 'logged'), '"logged"');
    const refused = await project.run(['run', 'create', '--goal=no', '--timeout=200ms']);
    assert.deepEqual({ code: refused.code, stdout: refused.stdout }, { code: 2, stdout: '' });
    assert.match(refused.stderr, /^ic: run create: .+\n {2}.+\n$/, 'a sentence and a hint');
    await program.run(put('after'));
    assert.deepEqual(await theirs(), ['after', 'logged']);
    await program.close();
    await project.ok('run', 'create', '--goal=yes');
    assert.deepEqual(await project.rows('SELECT goal FROM runs ORDER BY goal'), ['ours', 'yes']);
    assert.deepEqual(await project.rows("SELECT scope_id FROM state WHERE key = 'theirs' ORDER BY 1"), [
      'after',
      'logged',
    ]);
    await isWhole();
  });

  it('waits for an active reader, and writes when it has ended', async () => {
    const program = new OpenSqlite3(project.database);
    await program.run(`PRAGMA journal_mode = WAL; ${put('one')} BEGIN; CREATE TEMP TABLE seen AS SELECT * FROM state;`);
    const writing = project.run(['run', 'create', '--goal=patient', '--timeout=60s']);
    assert.deepEqual(await theirs(), ['one']);
    await program.close();
    const written = await writing;
    assert.equal(written.code, 0, written.stderr);
    assert.deepEqual(await project.rows('SELECT goal FROM runs'), ['patient']);
    await isWhole();
  });

  for (const mode of ['WAL', 'DELETE']) {
    itLongIf(mode === 'DELETE')(
      `takes turns with the sqlite3 program in ${mode} mode, and both see all changes`,
      async () => {
        await project.rows(`PRAGMA journal_mode = ${mode}`);
        const run = await project.ok('run', 'create', '--goal=turns');
        for (const turn of ['a', 'b', 'c']) {
          await project.rows(put(turn));
          await project.rows(`INSERT INTO run_artifacts (id, run_id, phase, path, type, status, created_at)
          VALUES ('theirs${turn}', '${run}', 'any', '${turn}.md', 'file', 'active', 1)`);
          assert.equal((await theirs()).at(-1), turn);
          await project.ok('run', 'artifact', 'add', run, '--phase=any', `--path=ours-${turn}.md`);
          await project.ok('run', 'advance', run);
          assert.deepEqual(await project.rows('PRAGMA journal_mode'), [mode.toLowerCase()]);
        }
        const paths = ['a.md', 'b.md', 'c.md', 'ours-a.md', 'ours-b.md', 'ours-c.md'];
        assert.deepEqual(await project.rows('SELECT path FROM run_artifacts ORDER BY path'), paths);
        const listed = (await project.ok('run', 'artifact', 'list', run))
          .split('\n')
          .map((line) => line.split('\t')[3]);
        assert.deepEqual(listed.sort(), paths);
        assert.deepEqual(await project.rows('SELECT phase FROM runs'), [await project.ok('run', 'phase', run)]);
        await isWhole();
      },
    );
  }

  it('reads changes that Node’s SQLite has logged past an open reader, and both continue', async function () {
    const program = await newerNode();
    if (program === undefined) return this.skip();
    const child = await readyProcess(program, project.database);
    try {
      assert.deepEqual(await theirs(), ['first', 'second']);
      assert.equal((await project.run(['run', 'create', '--goal=no', '--timeout=200ms'])).code, 2);
    } finally {
      const ended = once(child, 'exit');
      child.stdin?.end();
      assert.deepEqual(await ended, [0, null]);
    }
    await project.ok('run', 'create', '--goal=yes');
    assert.deepEqual(await project.rows('SELECT goal FROM runs'), ['yes']);
    assert.deepEqual(await theirs(), ['first', 'second']);
    await isWhole();
  });

  it('keeps all its writes, and the file intact, while sqlite3 programs write too', async () => {
    const lane = async (n: number): Promise<string[]> => {
      const made: string[] = [];
      for (let i = 0; i < 4; i += 1) made.push(await project.ok('run', 'create', `--goal=${n}-${i}`, '--timeout=60s'));
      return made;
    };
    const native = async (n: number): Promise<void> => {
      for (let i = 0; i < 8; i += 1) await project.rows(`PRAGMA busy_timeout = 20000; ${put(`n${n}-${i}`)}`);
    };
    const [one, two] = await Promise.all([lane(1), lane(2), native(1), native(2)]);
    assert.deepEqual(await project.rows('SELECT id FROM runs ORDER BY id'), [...one, ...two].sort());
    await isWhole();
  });
});
