/** `ic lead --workspace`: one leader for the folders and the portfolio of a workspace file. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { portfolioLocation } from '../../../src/host/files/paths';
import { childrenOf } from '../../../src/kernel/portfolio/service';
import { phaseEvents } from '../../../src/kernel/run/record/queries';
import { createPortfolioRun } from '../../../src/services/portfolio/create';
import { PortfolioHome } from '../../../src/services/portfolio/home/home';
import { ic, type IcResult } from '../../support/ic/ic';
import { leaderEnvironment, leaderSettings } from '../../support/tasks/killedLeaders';
import { testDeps } from '../../support/projects';
import { TaskFixture } from '../../support/tasks/taskFixture';
import { itLong } from '../../support/long';

/** The relay's timer does not fire within a test. */
const SELDOM = ['--set=relay.intervalSeconds=300'];

describe('ic lead --workspace', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let home: PortfolioHome;
  const at = (...names: string[]): string => path.join(fixture.stage.root, ...names);
  const run = (cwd: string, ...args: string[]): Promise<IcResult> =>
    ic(args, { cwd: at(cwd), env: leaderEnvironment(fixture) });
  const ok = async (cwd: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(cwd, ...args);
    assert.equal(code, 0, `ic ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  const once = (...more: string[]): Promise<IcResult> =>
    run('.', 'lead', '--workspace=all.code-workspace', '--once', '--json', ...leaderSettings(fixture), ...more);
  const eventsIn = (log: string): Record<string, unknown>[] =>
    log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    await Promise.all(['web', 'docs', 'away'].map((name) => mkdir(at(name))));
    await writeFile(
      at('all.code-workspace'),
      `{
        // Like the editor's, with a comment and a trailing comma.
        "folders": [{ "path": "project" }, { "path": "web", "name": "The web" }, { "path": "./docs" }, { "path": "gone" }],
      }`,
    );
    home = new PortfolioHome({
      location: portfolioLocation(fixture.stage.root),
      kernelDeps: testDeps(),
      openKernel: () => undefined,
    });
  });
  afterEach(async () => {
    await home.dispose();
    await fixture.close();
  });

  it('relays its portfolio, observes the limit of all its folders, and ends when nothing is left to do', async () => {
    const folders = ['project', 'web', 'docs'];
    const { portfolio, children } = await createPortfolioRun(home, {
      goal: 'g',
      phases: ['build', 'done'],
      maxDispatches: 1,
      folders: folders.map((name) => at(name)),
    });
    await writeFile(at('marks'), '');
    await writeFile(at('first.sh'), `until [ -e '${at('go')}' ]; do sleep 0.05; done\n`);
    const mark = (what: string): string => `echo ${what} >> '${at('marks')}'`;
    await writeFile(at('mark.sh'), `${mark('start')}; ic run advance "$INTERCORE_RUN_ID"; ${mark('end')}\n`);
    const spawn = (name: string, prompt: string, ...more: string[]): Promise<string> => {
      const scope = children.find(({ projectDir }) => projectDir === at(name))?.id ?? '';
      return ok(
        name,
        'dispatch',
        'spawn',
        '--type=shell',
        `--prompt-file=${at(prompt)}`,
        `--scope-id=${scope}`,
        ...more,
      );
    };
    await spawn('web', 'first.sh');
    for (const name of folders) await spawn(name, 'mark.sh', '--queue');
    const leader = once(...SELDOM);
    await writeFile(at('go'), '');
    const { code, stdout, stderr } = await leader;
    assert.equal(code, 0, stdout + stderr);
    const marks = (await readFile(at('marks'), 'utf8')).trim().split('\n');
    assert.deepEqual(marks, Array.from(folders, () => ['start', 'end']).flat());
    await home.load();
    const relayed = home.kernel.read((r) => phaseEvents(r, portfolio.id)).map(({ reason }) => reason);
    assert.deepEqual(relayed.sort(), folders.map((name) => `relay:${at(name)}`).sort());
    const logged = eventsIn(stdout);
    assert.equal(logged.filter(({ event, status }) => event === 'dispatch ended' && status === 'completed').length, 4);
    // Other events are relayed by `ic run advance` in the next child.
    assert.ok(
      logged.some(({ event, to }) => event === 'event relayed' && to === 'done'),
      stdout,
    );
  });

  itLong('starts queued dispatches of its portfolio when the limit allows, and follows running ones', async () => {
    const db = '--db=.clavain/portfolio.db';
    await ok('.', 'init', db);
    const projects = `--projects=${at('web')},${at('docs')}`;
    const [portfolio = ''] = (await ok('.', 'run', 'create', db, projects, '--goal=g', '--max-dispatches=1')).split(
      '\n',
    );
    await home.load();
    const children = home.kernel.read((r) => childrenOf(r, portfolio));
    const go = `until [ -e '${at('go')}' ]; do sleep 0.05; done`;
    await writeFile(at('first.sh'), `${go}; echo "first $PWD" >> '${at('marks')}'\n`);
    await writeFile(at('next.sh'), `echo "next $PWD" >> '${at('marks')}'\n`);
    for (const [index, { id, projectDir }] of [...children, ...children].entries()) {
      const prompt = `--prompt-file=${at(index === 0 ? 'first.sh' : 'next.sh')}`;
      await ok(
        '.',
        'dispatch',
        'spawn',
        db,
        '--type=shell',
        prompt,
        `--scope-id=${id}`,
        `--project=${projectDir}`,
        '--queue',
      );
    }
    const leader = once(...SELDOM);
    await writeFile(at('go'), '');
    const { code, stdout, stderr } = await leader;
    assert.equal(code, 0, stdout + stderr);
    const places = [...children, ...children].map(({ projectDir }) => projectDir);
    assert.deepEqual(
      (await readFile(at('marks'), 'utf8')).trim().split('\n'),
      places.map((place, index) => `${index === 0 ? 'first' : 'next'} ${place}`),
    );
    await home.kernel.refresh();
    const statuses = home.kernel
      .read((r) => r.db.rows('SELECT status FROM dispatches', []))
      .map(({ status }) => status);
    assert.deepEqual(
      statuses,
      places.map(() => 'completed'),
    );
  });

  itLong(
    'builds a task, and exits with 1 if a person must decide or the record of a child cannot be read',
    async () => {
      await createPortfolioRun(home, { goal: 'g', folders: [at('web'), at('away')] });
      await writeFile(at('away', '.clavain', 'intercore.db'), 'no record');
      await fixture.task({ autoStart: true });
      const { code, stdout, stderr } = await once('--allow-tasks', ...SELDOM);
      assert.equal(code, 1, stdout + stderr);
      const needs = eventsIn(stdout).filter(({ event }) => event === 'needs a person');
      assert.deepEqual(
        needs.map(({ heading, folder }) => [heading, folder]),
        [
          ['Ready to merge', at('project')],
          ['Events not relayed', at('away')],
        ],
      );
    },
  );
});
