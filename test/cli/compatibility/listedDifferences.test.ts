/** The differences listed in docs/compatibility.md for dispatches, portfolios and paths. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { IcProject } from '../../support/records/icProject';
import { until } from '../../support/until';

describe('differences listed in docs/compatibility.md', function () {
  this.timeout(60_000);
  let project: IcProject;
  let page: string;

  before(async () => {
    page = await readFile(path.resolve(__dirname, '../../../../docs/compatibility.md'), 'utf8');
    project = await IcProject.open();
  });
  after(() => project.close());

  const lists = (row: string): void => {
    assert.ok(page.includes(`\n| ${row} |`), `there is no row: ${row}`);
  };

  it('dispatch status shows the current record, also when the agent has ended', async () => {
    const prompt = await project.write('quick.sh', `exit 0\n`);
    const id = await project.ok('dispatch', 'spawn', '--type=shell', `--prompt-file=${prompt}`);
    assert.match(await project.ok('dispatch', 'status', id), /^Status: +running$/m);
    const [exitFile = ''] = await project.rows(`SELECT exit_file FROM dispatch_processes WHERE dispatch_id = '${id}'`);
    await until(
      () =>
        readFile(exitFile).then(
          () => true,
          () => false,
        ),
      (isThere) => isThere,
    );
    assert.match(await project.ok('dispatch', 'status', id), /^Status: +running$/m);
    assert.match(await project.ok('dispatch', 'list'), /\trunning\t/);
    assert.match(await project.ok('dispatch', 'poll', id), /^Status: +completed$/m);
    assert.match(await project.ok('dispatch', 'status', id), /^Status: +completed$/m);
  });

  it('spawn observes the budget of the run, the folder, and the effective sandbox', async () => {
    lists('`spawn` does not check the budget of the run');
    lists('`--project` of `spawn` may be anything');
    lists('The sandbox of Codex is `workspace-write` in the row whatever runs');
    const prompt = await project.write('quick.sh', 'exit 0\n');
    const words = ['dispatch', 'spawn', '--type=shell', `--prompt-file=${prompt}`];
    const run = await project.ok('run', 'create', '--goal=g', '--token-budget=10');
    const poor = await project.run([...words, `--scope-id=${run}`, '--token-budget=400']);
    assert.equal(poor.code, 1);
    assert.match(poor.stderr, /budget of 10 tokens/);
    const nowhere = await project.run([...words, '--project=none']);
    assert.equal(nowhere.code, 3);
    assert.match(nowhere.stderr, /there is no folder/);
    const id = await project.ok(...words);
    assert.deepEqual(await project.rows(`SELECT sandbox FROM dispatches WHERE id = '${id}'`), ['none']);
    await project.run(['dispatch', 'wait', id]);
  });

  it('a dispatch of Codex has the effective sandbox, not a default', async () => {
    const prompt = await project.write('prompt.md', 'x\n');
    const codex = await project.write('bin/codex', '#!/bin/sh\nexit 0\n', 0o755);
    const env = { PATH: `${path.dirname(codex)}:${process.env['PATH'] ?? ''}` };
    for (const [flags, sandbox] of [
      [[], 'danger-full-access'],
      [['--sandbox=read-only'], 'read-only'],
    ] as const) {
      const { code, stdout } = await project.run(['dispatch', 'spawn', `--prompt-file=${prompt}`, ...flags], { env });
      assert.equal(code, 0);
      const id = stdout.trim();
      assert.deepEqual(await project.rows(`SELECT sandbox FROM dispatches WHERE id = '${id}'`), [sandbox]);
      const [argv = ''] = await project.rows(`SELECT argv FROM dispatch_processes WHERE dispatch_id = '${id}'`);
      assert.ok(argv.includes(`--sandbox=${sandbox}`), argv);
      await project.run(['dispatch', 'wait', id]);
    }
  });

  it('state set trims a document from @FILE; other commands do not', async () => {
    await project.write('padded.json', ' \n{"a": 1}\n\n');
    await project.ok('state', 'set', 'padded', 's', '@padded.json');
    assert.deepEqual(await project.rows("SELECT hex(payload) FROM state WHERE key = 'padded'"), [hexOf('{"a": 1}')]);
    const words = ['discovery', 'submit', '--source=s', '--source-id=1', '--title=t', '--metadata=@padded.json'];
    const id = await project.ok(...words);
    const stored = await project.rows(`SELECT hex(raw_metadata) FROM discoveries WHERE id = '${id}'`);
    assert.deepEqual(stored, [hexOf(' \n{"a": 1}\n\n')]);
  });

  it('run cancel counts the children that it cancels', async () => {
    lists('`run cancel` of a portfolio counts all its children');
    const made = await project.ok('run', 'create', '--goal=p', '--projects=/a,/b');
    const [portfolio = '', child = ''] = made.split(/\s+(?:child: )?/);
    await project.ok('run', 'cancel', child);
    assert.match(await project.ok('run', 'cancel', portfolio), /portfolio \+ 1 child/);
  });

  it('init prints the path of the database', async () => {
    lists('`init --db` prints the path as given');
    assert.ok((await project.ok('init', '--db=other.db')).startsWith(`initialized ${project.at('other.db')} `));
  });
});

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase();
}
