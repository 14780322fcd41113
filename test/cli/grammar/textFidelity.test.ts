import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { after, before, describe, it } from 'mocha';
import { IC_SCRIPT } from '../../support/ic/ic';
import { IcProject } from '../../support/records/icProject';
import { hasSqlite3 } from '../../support/records/sqlite3';

const BOM = '\uFEFF';

describe('text that ic stores', function () {
  this.timeout(60_000);
  let project: IcProject;

  before(async function () {
    if (!hasSqlite3()) this.skip();
    project = await IcProject.open();
  });
  after(() => project.close());

  const stored = (sql: string): Promise<string[]> => project.rows(sql);

  it('keeps a leading U+FEFF, also after another column of its row is changed', async () => {
    const run = await project.ok('run', 'create', `--goal=${BOM}g`, `--scope-id=${BOM}s`);
    await project.ok('run', 'set', run, '--complexity=5');
    assert.deepEqual(await stored(`SELECT hex(goal), hex(scope_id) FROM runs WHERE id = '${run}'`), [
      'EFBBBF67|EFBBBF73',
    ]);
    assert.match((await project.run(['run', 'status', run])).stdout, new RegExp(`^Goal: +${BOM}g$`, 'm'));
    const { stdout } = await project.run(['run', 'status', run, '--json']);
    assert.ok(stdout.includes(`"goal":"${BOM}g"`));
  });

  it('is refused as a payload unless it is UTF-8 JSON with finite numbers', async () => {
    const payloads = [Buffer.from(`${BOM}{}`), Buffer.from('1e999'), Buffer.from([0x22, 0xff, 0x22])];
    for (const [index, payload] of payloads.entries()) {
      await writeFile(project.at('payload.json'), payload);
      for (const words of [['@payload.json'], []]) {
        const args = [IC_SCRIPT, 'state', 'set', 'k', `s${index}`, ...words];
        const { status, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, input: payload });
        assert.equal(status, 2, stderr.toString());
      }
    }
    assert.deepEqual(await stored('SELECT count(*) FROM state'), ['0']);
  });

  it('is refused as metadata, data or weights for the same reasons', async () => {
    for (const content of [Buffer.from(`${BOM}{}`), Buffer.from('{"a":1e999}'), Buffer.from([0x22, 0xff, 0x22])]) {
      await writeFile(project.at('data.json'), content);
      const submit = ['discovery', 'submit', '--source=s', '--source-id=1', '--title=t', '--metadata=@data.json'];
      assert.equal((await project.run(submit)).code, 3);
    }
    assert.deepEqual(await stored('SELECT count(*) FROM discoveries'), ['0']);
  });

  it('keeps the white space of a file with metadata', async () => {
    await writeFile(project.at('data.json'), ' {"a": 1}\n');
    await project.ok('discovery', 'submit', '--source=s', '--source-id=2', '--title=t', '--metadata=@data.json');
    assert.deepEqual(await stored("SELECT hex(raw_metadata) FROM discoveries WHERE source_id = '2'"), [
      '207B2261223A20317D0A',
    ]);
  });

  it('is reported as unreadable if another program stored bytes that are not UTF-8', async () => {
    const [good, bad] = [
      await project.ok('run', 'create', '--goal=good'),
      await project.ok('run', 'create', '--goal=bad'),
    ];
    await stored(`UPDATE runs SET goal = CAST(x'62ff' AS TEXT) WHERE id = '${bad}'`);
    const list = await project.run(['run', 'list']);
    assert.ok(list.stdout.includes(good) && !list.stdout.includes(bad));
    assert.match(list.stderr, /goal.*it is not UTF-8/);
    assert.equal((await project.run(['run', 'status', bad])).code, 2);
  });

  it('is refused as an argument if its bytes are not UTF-8', function () {
    if (platform() !== 'linux') this.skip();
    const shell = (line: string): { status: number | null; stderr: string } => {
      const { status, stderr } = spawnSync('bash', ['-c', line, process.execPath, IC_SCRIPT], { cwd: project.folder });
      return { status, stderr: stderr.toString() };
    };
    const { status, stderr } = shell(`"$0" "$1" run create --goal=$'b\\xff'`);
    assert.deepEqual({ status, stderr }, { status: 3, stderr: 'ic: this argument is not UTF-8: --goal=b\uFFFD\n' });
    assert.equal(shell(`"$0" "$1" run create --goal=$'b\\xef\\xbf\\xbd'`).status, 0);
  });

  it('does not include the byte order mark of a body file', async () => {
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', project.at('repository')]);
    const git = ['-C', project.at('repository'), '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    execFileSync('git', [...git, 'commit', '--quiet', '--allow-empty', '--message=Initial']);
    await project.ok('project', 'add', project.at('repository'));
    await writeFile(project.at('body.md'), `${BOM}# Body`);
    await project.ok('task', 'create', '--title=t', '--body-file=body.md');
    assert.deepEqual(await stored('SELECT hex(description) FROM tasks'), [
      Buffer.from('# Body').toString('hex').toUpperCase(),
    ]);
  });
});
