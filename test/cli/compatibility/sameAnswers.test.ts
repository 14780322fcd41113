/**
 * Answers of the original that depend on files, disks and other programs, so that a table of lines cannot show them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { IC_SCRIPT, type IcResult } from '../../support/ic/ic';
import { icHere } from '../../support/ic/icHere';
import { hasSqlite3, sqlite3 } from '../../support/records/sqlite3';

describe('ic answers like the original', function () {
  this.timeout(60_000);
  let folder = path.join(tmpdir(), 'ic-same-none');

  const run = (words: readonly string[], input = ''): Promise<IcResult> =>
    icHere(words, { cwd: folder, env: { XDG_STATE_HOME: path.join(folder, 'state'), TMPDIR: folder }, input });
  const ok = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(words);
    assert.equal(code, 0, `ic ${words.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const rows = (sql: string): Promise<string> => sqlite3(path.join(folder, '.clavain/intercore.db'), sql);

  before(async function () {
    if (!hasSqlite3()) this.skip();
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-same-')));
    await ok('init');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('to a search: only discoveries with the minimum similarity, of any score', async () => {
    const vector = (name: string, ...floats: readonly number[]): Promise<void> =>
      writeFile(path.join(folder, name), Buffer.from(new Float32Array(floats).buffer));
    await Promise.all([vector('x', 1, 0), vector('y', 0, 1), vector('near', 0.9, 0.1)]);
    const near = await ok(...submit('near', 'near'), '--score=0.1');
    await ok(...submit('far', 'y'), '--score=0.9');
    const found = await ok('discovery', 'search', '--embedding=@x', '--min-score=0.5');
    assert.deepEqual(
      found.split('\n').map((line) => line.split('\t')[0]),
      [near],
    );
    assert.equal((await ok('discovery', 'status', near)).split('\t')[4], '0.10');
  });

  const submit = (id: string, file: string): string[] => [
    ...['discovery', 'submit', '--source=s', `--source-id=${id}`, '--title=t', `--embedding=@${file}`],
  ];

  it('to an artifact whose path the system refuses: an id, and no hash', async () => {
    await symlink('loop', path.join(folder, 'loop'));
    const id = await ok('run', 'create', '--goal=g');
    for (const file of ['loop', 'n'.repeat(300), 'loop/below', '.', 'x/'.repeat(1500)]) {
      const artifact = await ok('run', 'artifact', 'add', id, '--phase=p', `--path=${file}`);
      assert.equal(await rows(`SELECT content_hash IS NULL FROM run_artifacts WHERE id = '${artifact}'`), '1', file);
    }
  });

  it('to lists: newest first, also within one second', async () => {
    const ids = [await ok('run', 'create', '--goal=1'), await ok('run', 'create', '--goal=2')];
    await rows('UPDATE runs SET created_at = 1700000000');
    for (const [index, id] of ['disp0001', 'disp0002'].entries()) {
      await rows(
        `INSERT INTO dispatches (id, project_dir, created_at) VALUES ('${id}', '/p', 1700000000 + ${index} * 0)`,
      );
    }
    const list = async (what: string): Promise<string[]> =>
      (await ok(what, 'list')).split('\n').map((line) => line.split('\t')[0] ?? '');
    assert.deepEqual((await list('run')).slice(0, 2), ids.reverse());
    assert.deepEqual(await list('dispatch'), ['disp0002', 'disp0001']);
    await rows('DELETE FROM dispatches');
  });

  it('to a poll of a dispatch that it started: the verdict and the tokens', async () => {
    const output = path.join(folder, 'out.md');
    await writeFile(`${output}.verdict`, 'STATUS: pass\nSUMMARY: well\n');
    await writeFile(`${output}.summary`, 'Duration: 3s\nTokens: 1200 in / 340 out\nTokens: 9 in / 9 out\n');
    const gone = spawnSync('true').pid;
    await rows(`INSERT INTO dispatches (id, status, project_dir, output_file, verdict_file, pid)
      VALUES ('disp0003', 'running', '${folder}', '${output}', '${output}.verdict', ${gone})`);
    const answer = await ok('dispatch', 'poll', 'disp0003');
    assert.match(answer, /^Status: +completed$/m);
    assert.match(answer, /^Tokens: +1200 in \/ 340 out$/m);
    assert.match(answer, /^Verdict: +pass$/m);
  });

  it('to a record of a newer version: it reads, writes nothing, and health fails', async () => {
    const id = await ok('run', 'create', '--goal=newer');
    await rows("ALTER TABLE runs ADD COLUMN novelty TEXT DEFAULT 'x'; DROP TABLE tasks; PRAGMA user_version = 39");
    try {
      for (const [line, code] of [
        [`run status ${id}`, 0],
        ['run list', 0],
        ['dispatch list', 0],
        ['health', 2],
        ['task list', 0],
        [`portfolio relay ${id}`, 2],
        ['run create --goal=g', 2],
      ] as const) {
        const result = await run(line.split(' '));
        assert.equal(result.code, code, `${line}: ${result.stderr}`);
        assert.match(result.stderr, /39/, line);
        assert.ok(!result.stderr.includes('no such table'), result.stderr);
      }
    } finally {
      await rows('PRAGMA user_version = 10');
      await ok('init');
    }
  });

  it('to a portfolio: each folder once in any spelling, with dependencies between them', async () => {
    await Promise.all([
      mkdir(path.join(folder, 'a')),
      mkdir(path.join(folder, 'b')),
      symlink('a', path.join(folder, 'c')),
    ]);
    for (const twice of ['a,a', 'a,b,a/', 'a,c', 'a,./b/../a']) {
      const { code, stderr } = await run(['run', 'create', '--goal=g', `--projects=${twice}`]);
      assert.equal(code, 3, twice);
      assert.match(stderr, /names one folder twice/);
    }
    const [id = ''] = (await ok('run', 'create', '--goal=g', '--projects=c,b')).split('\n');
    await ok('portfolio', 'dep', 'add', id, '--upstream=a/', '--downstream=b');
    assert.equal(await ok('portfolio', 'order', id), `1\t${folder}/c\n2\t${folder}/b`);
    const other = await run(['portfolio', 'dep', 'add', id, '--upstream=b', '--downstream=elsewhere']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /The project \S+elsewhere was not found/);
    await ok('portfolio', 'dep', 'remove', id, '--upstream=a', '--downstream=./b/');
    assert.equal(await ok('portfolio', 'dep', 'list', id), '');
  });

  it('to a full disk at its output: a message, and 2', function () {
    if (!existsSync('/dev/full')) this.skip();
    const shell = (line: string): { status: number | null; stderr: string } => {
      const { status, stderr } = spawnSync('bash', ['-c', line, process.execPath, IC_SCRIPT], { cwd: folder });
      return { status, stderr: stderr.toString() };
    };
    for (const words of ['run list', 'version', 'help', 'frobnicate', 'run status nope']) {
      const { status, stderr } = shell(`"$0" "$1" ${words} > /dev/full`);
      assert.ok(!stderr.includes('    at '), stderr);
      if (words === 'run status nope') continue;
      assert.equal(status, 2, `${words}: ${stderr}`);
      assert.match(stderr, /^ic: output not written: .*ENOSPC.*$/m);
    }
    assert.equal(shell('"$0" "$1" run list 2> /dev/full').status, 0);
    assert.equal(shell('"$0" "$1" run status nope 2> /dev/full').status, 1);
    assert.equal(shell('set -o pipefail; "$0" "$1" help | head -n 1').status, 0);
    assert.equal(shell('"$0" "$1" events tail --all --consumer=c > /dev/full').status, 2);
    assert.equal(shell('"$0" "$1" events cursor list | grep -c c').status, 1);
  });
});
