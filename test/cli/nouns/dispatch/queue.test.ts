/** The queue of dispatches with several real processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createPortfolioRun } from '../../../../src/services/portfolio/create';
import { PortfolioHome } from '../../../../src/services/portfolio/home/home';
import { portfolioLocation } from '../../../../src/host/files/paths';
import { IC_SCRIPT } from '../../../support/ic/ic';
import { IcProject } from '../../../support/records/icProject';
import { testDeps } from '../../../support/projects';
import { itLong } from '../../../support/long';

describe('the queue of ic', function () {
  this.timeout(180_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(async () => {
    for (const id of await active()) await project.run(['dispatch', 'kill', id]);
    await project.close();
  });

  const active = (): Promise<string[]> => {
    return project.rows("SELECT id FROM dispatches WHERE status IN ('spawned','running')");
  };
  const spawnWords = (prompt: string, scope: string) => [
    'dispatch',
    'spawn',
    '--type=shell',
    `--prompt-file=${prompt}`,
    `--scope-id=${scope}`,
  ];

  /** A portfolio in its own database, with this project and another as its children. */
  const portfolio = async (maxDispatches: number): Promise<string> => {
    await mkdir(project.at('other'));
    const home = new PortfolioHome({
      location: portfolioLocation(project.at('home')),
      kernelDeps: testDeps(),
      openKernel: () => undefined,
    });
    await mkdir(project.at('home'));
    const folders = [project.folder, project.at('other')];
    const { children } = await createPortfolioRun(home, { goal: 'g', folders, maxDispatches });
    await home.dispose();
    const own = children.find(({ projectDir }) => projectDir === project.folder);
    assert.ok(own !== undefined);
    return own.id;
  };

  it('observes the limit of a portfolio in another database, and reports who holds the slots', async () => {
    const child = await portfolio(1);
    const slow = await project.write('slow.sh', 'exec sleep 100\n');
    const first = await project.ok(...spawnWords(slow, child));
    const refused = await project.run(spawnWords(slow, child));
    assert.equal(refused.code, 1);
    const refusal = `ic: dispatch spawn: portfolio dispatch limit reached (1/1): ${path.basename(project.folder)} 1\n`;
    assert.ok(refused.stderr.startsWith(refusal), refused.stderr);
    const queued = await project.ok(...spawnWords(slow, child), '--queue');
    assert.equal(await project.ok('dispatch', 'queue', 'start'), '');
    await project.ok('dispatch', 'kill', first);
    assert.equal(await project.ok('dispatch', 'queue', 'start'), queued);
    assert.deepEqual(await active(), [queued]);
  });

  it('lists why a dispatch was not started and when it is retried, which needs a person after three attempts', async () => {
    const child = await portfolio(1);
    const slow = await project.write('slow.sh', 'exec sleep 100\n');
    await project.ok(...spawnWords(slow, child));
    const id = (await project.ok(...spawnWords(slow, child), '--queue')).trim();
    const nextAt = Math.floor(Date.now() / 1000) + 60;
    // Stored as a window does.
    await project.rows(
      `INSERT INTO stage_failures (stage, subject, reason, code, tries, since, last_at, next_at)
       VALUES ('queue', '${id}', 'The database is locked.', 'DATABASE_BUSY', 3, ${nextAt - 90}, ${nextAt - 60}, ${nextAt})`,
    );
    const list = ['dispatch', 'queue', 'list'];
    const retry = `The database is locked. (tries: 3, next: ${new Date(nextAt * 1000).toISOString()})`;
    assert.equal(await project.ok(...list), `${id}\tshell\t\t${retry}`);
    assert.match(
      await project.ok(...list, '--json'),
      new RegExp(
        `"failure":\\{"next_at":${nextAt},"reason":"The database is locked.","since":\\d+,"stage":"queue","tries":3\\}`,
      ),
    );
    assert.match(
      await project.ok('needs'),
      /^Failing repeatedly\tshell\tStarting queued dispatches failed after 3 tries, next try .+: The database is locked\.\t\w{8}$/m,
    );
    await project.ok('dispatch', 'queue', 'remove', id);
    assert.deepEqual(await project.rows('SELECT subject FROM stage_failures'), []);
  });

  itLong('starts each dispatch exactly once, even if a starter is killed', async () => {
    const child = await portfolio(1);
    const slow = await project.write('slow.sh', 'exec sleep 100\n');
    const mark = await project.write('mark.sh', `echo "$INTERCORE_DISPATCH_ID" >> '${project.at('marks')}'\n`);
    await project.write('marks', '');
    const first = await project.ok(...spawnWords(slow, child));
    const queued: string[] = [];
    for (let n = 0; n < 8; n += 1) queued.push(await project.ok(...spawnWords(mark, child), '--queue'));
    await project.ok('dispatch', 'kill', first);
    // Each is killed a little later than the one before.
    const dying = Array.from({ length: 6 }, (_, n) => starter(150 + n * 60));
    await Promise.all(dying);
    for (let round = 0; round < 40; round += 1) {
      const left = await project.ok('dispatch', 'queue', 'list');
      if (left === '') break;
      await Promise.all([starter(), starter()]);
      for (const id of await active()) await project.run(['dispatch', 'wait', id, '--poll=50ms', '--timeout=20s']);
    }
    assert.equal(await project.ok('dispatch', 'queue', 'list'), '');
    for (const id of await active()) await project.run(['dispatch', 'wait', id, '--poll=50ms', '--timeout=20s']);
    const recorded = await project.rows("SELECT id FROM dispatches WHERE prompt_file LIKE '%prompt.md' ORDER BY id");
    assert.deepEqual(
      recorded.filter((id) => id !== first),
      [...queued].sort(),
    );
    const marks = (await readFile(project.at('marks'), 'utf8')).split('\n').filter((id) => id !== '');
    assert.equal(new Set(marks).size, marks.length, 'no agent ran twice');
    for (const id of marks) assert.ok(queued.includes(id));
  });

  /** A process that starts queued dispatches; killed after `killAfterMs`, if given. */
  async function starter(killAfterMs?: number): Promise<void> {
    const child = spawn(process.execPath, [IC_SCRIPT, 'dispatch', 'queue', 'start'], {
      cwd: project.folder,
      env: { PATH: process.env['PATH'] ?? '', PWD: project.folder, ...project.env },
      stdio: 'ignore',
    });
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    await once(child, 'exit');
    clearTimeout(timer);
  }
});
