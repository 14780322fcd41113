import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { withFileLock } from '../../../src/host/locks/fileLock';
import { systemPorts } from '../../../src/host/clock';
import { databasePath, portfolioLocation } from '../../../src/host/files/paths';
import { declareCreation, pendingCreations } from '../../../src/kernel/portfolio/intents';
import { childrenOf } from '../../../src/kernel/portfolio/service';
import { listRuns } from '../../../src/kernel/run/record/queries';
import { IS_LONG, itLong } from '../../support/long';
import type { PortfolioTask } from '../../support/portfolio/portfolioProgram';
import { Projects } from '../../support/projects';
import { TestWorkspace } from '../../support/workspaces';

const PROGRAM = path.join(__dirname, '../../support/portfolio/portfolioProgram.js');

/** Its own database, what is intended, one record that is there, two that are not, and the end: that many saves. */
const SAVES = 8;
/** Nothing of the save is on disk, all but the name is, the save is done. */
const STEPS = ['locked', 'synced', 'renamed'] as const;
/** In every run each step at one save, the last at the last; in the long run at all. */
const SHORT = [3, 4, SAVES];
const savesOf = (index: number): number[] =>
  Array.from({ length: SAVES }, (_, save) => save + 1).filter((save) => IS_LONG || save === SHORT[index]);

async function run(task: PortfolioTask): Promise<unknown> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'close')) as unknown[];
  return signal ?? code;
}

describe('creating a portfolio in a process that is killed', () => {
  const projects = Projects.ofSuite();

  const prepared = async (): Promise<{ workspace: TestWorkspace; folders: string[] }> => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web', 'docs');
    await workspace.initialize('api');
    return { workspace, folders: ['api', 'web', 'docs'].map((name) => workspace.at(name)) };
  };

  for (const [index, step] of STEPS.entries()) {
    const saves = savesOf(index);
    it(`makes all or nothing, killed when ${step} in save ${saves.join(', ')}`, async function () {
      this.timeout(240_000);
      for (const save of saves) {
        const { workspace, folders } = await prepared();
        const before = await workspace.files();
        assert.equal(await run({ home: workspace.folder, folders, dieAt: { step, save } }), 'SIGKILL');
        const home = workspace.home();
        await home.load();
        if (save === SAVES && step === 'renamed') {
          const [portfolio] = home.kernel.read((r) => listRuns(r, { portfolio: true })).runs;
          const children = home.kernel.read((r) => childrenOf(r, portfolio?.id ?? ''));
          assert.equal(children.length, 3);
          for (const { id, projectDir } of children) {
            const own = (await projects.open(projectDir)).read((r) => listRuns(r)).runs;
            assert.deepEqual(
              { own: own.map((one) => one.id), parentRunId: own[0]?.parentRunId },
              { own: [id], parentRunId: portfolio?.id },
            );
          }
          continue;
        }
        assert.deepEqual((await workspace.open('api')).read((r) => listRuns(r)).runs, []);
        // A home that was saved, or started, without anything in it says the same as none.
        if (home.kernel.state.kind === 'ready') assert.deepEqual(home.kernel.read((r) => listRuns(r)).runs, []);
        // A dead process's lock on a record that was there, and SQLite's journal, go with the next write to it.
        const record = path.join('api', '.clavain', 'intercore.db');
        const leftBehind = [`${record}.lock`, `${record}-journal`];
        const files = (await workspace.files()).filter((file) => !leftBehind.some((name) => file.startsWith(name)));
        const left = files.filter((file) => file.split(path.sep)[0] !== '.clavain');
        assert.deepEqual(left, before, `save ${save}`);
      }
    });
  }

  it('needs as many saves as this test kills', async () => {
    const { workspace, folders } = await prepared();
    assert.equal(await run({ home: workspace.folder, folders, dieAt: { step: 'saved', save: SAVES + 1 } }), 0);
  });

  it('is undone later where a folder cannot be written now', async function () {
    this.timeout(60_000);
    const { workspace, folders } = await prepared();
    const dieAt = { step: 'locked', save: SAVES } as const;
    assert.equal(await run({ home: workspace.folder, folders, dieAt }), 'SIGKILL');
    const first = workspace.home({ busyTimeoutMs: 100 });
    await withFileLock(databasePath(workspace.at('api')), { timeoutMs: 1000 }, () => first.load());
    assert.equal(first.kernel.read(pendingCreations).length, 1);
    assert.equal((await workspace.open('api')).read((r) => listRuns(r)).runs.length, 1);
    await workspace.home().load();
    assert.deepEqual((await workspace.open('api')).read((r) => listRuns(r)).runs, []);
    assert.ok(!(await workspace.files()).some((file) => file.endsWith('portfolio.db')));
  });

  itLong('is undone after ten minutes where its maker was on another machine', async function () {
    this.timeout(60_000);
    const { workspace, folders } = await prepared();
    assert.equal(await run({ home: workspace.folder, folders, dieAt: { step: 'locked', save: SAVES } }), 'SIGKILL');
    const record = projects.kernelAt(portfolioLocation(workspace.folder));
    await record.load();
    const [intent] = record.read(pendingCreations);
    assert.ok(intent !== undefined && intent.maker !== null);
    const elsewhere = { ...intent, maker: { ...intent.maker, host: 'another machine' } };
    await record.write((u) => declareCreation(u, elsewhere));
    const since = record.read(pendingCreations)[0]?.since ?? assert.fail();
    const isPendingAfter = async (seconds: number): Promise<boolean> => {
      const clock = { nowMs: () => (since + seconds) * 1000 };
      const home = workspace.home({ ports: { ...systemPorts, clock } });
      await home.load();
      return home.kernel.state.kind === 'ready' && home.kernel.read(pendingCreations).length > 0;
    };
    assert.equal(await isPendingAfter(599), true);
    assert.equal(await isPendingAfter(600), false);
  });

  it('is left alone in a window that may not write', async function () {
    this.timeout(60_000);
    const { workspace, folders } = await prepared();
    assert.equal(await run({ home: workspace.folder, folders, dieAt: { step: 'locked', save: SAVES } }), 'SIGKILL');
    let trusted = false;
    const home = workspace.home({ trusted: () => trusted });
    await home.load();
    assert.equal(home.kernel.read(pendingCreations).length, 1);
    trusted = true;
    await home.load();
    assert.equal(home.kernel.state.kind, 'missing');
  });
});
