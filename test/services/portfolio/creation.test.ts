import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../../../src/host/locks/fileLock';
import { databasePath } from '../../../src/host/files/paths';
import { KernelError } from '../../../src/kernel/errors/errors';
import { portfolioDatabaseOf } from '../../../src/kernel/portfolio/home';
import { childrenOf, listDependencies } from '../../../src/kernel/portfolio/service';
import { advanceRun } from '../../../src/kernel/run/advance';
import { getRun, listRuns } from '../../../src/kernel/run/record/queries';
import { createPortfolioRun, type CreatePortfolioRun } from '../../../src/services/portfolio/create';
import { isCode, Projects } from '../../support/projects';
import { TestWorkspace } from '../../support/workspaces';

describe('creating a portfolio over several databases', () => {
  const projects = Projects.ofSuite();

  it('makes the parent, and each child in its own database with a mirror under the same id', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web', 'docs');
    await workspace.initialize('api');
    const home = workspace.home();
    const [api, web, docs] = [workspace.at('api'), workspace.at('web'), workspace.at('docs')];
    const { portfolio, children } = await createPortfolioRun(home, {
      goal: 'Log in',
      folders: [api, `${web}/`, docs],
      phases: ['plan', 'build', 'done'],
      tokenBudget: 5000,
      maxDispatches: 2,
      dependencies: [{ upstream: api, downstream: web }],
    });
    assert.equal(portfolio.projectDir, '');
    assert.deepEqual(
      { tokenBudget: portfolio.tokenBudget, maxDispatches: portfolio.maxDispatches },
      { tokenBudget: 5000, maxDispatches: 2 },
    );
    assert.deepEqual(
      children.map((child) => child.projectDir),
      [api, web, docs],
    );
    assert.deepEqual(
      home.kernel.read((r) => listDependencies(r, portfolio.id)).map((edge) => edge.downstream),
      [web],
    );
    for (const mirror of home.kernel.read((r) => childrenOf(r, portfolio.id))) {
      const own = (await projects.open(mirror.projectDir)).read((r) => getRun(r, mirror.id));
      assert.deepEqual({ ...own, createdAt: 0, updatedAt: 0 }, { ...mirror, createdAt: 0, updatedAt: 0 });
      assert.equal(own.parentRunId, portfolio.id);
      assert.equal(portfolioDatabaseOf(own), home.kernel.path);
      assert.deepEqual(
        { tokenBudget: own.tokenBudget, maxDispatches: own.maxDispatches, phase: own.phase },
        { tokenBudget: null, maxDispatches: 0, phase: 'plan' },
      );
    }
  });

  it('joins the folders by dependencies however their paths are spelled', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const [api, web, link] = [workspace.at('api'), workspace.at('web'), workspace.at('link')];
    await symlink(api, link);
    const home = workspace.home();
    const dependencies = [{ upstream: link, downstream: `${web}/` }];
    const { portfolio } = await createPortfolioRun(home, { goal: 'g', folders: [api, web], dependencies });
    const [edge] = home.kernel.read((r) => listDependencies(r, portfolio.id));
    assert.deepEqual({ upstream: edge?.upstream, downstream: edge?.downstream }, { upstream: api, downstream: web });
  });

  it('uses the kernels of folders that are open in the window', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const api = await workspace.open('api');
    const changes: string[] = [];
    api.onDidChange((change) => changes.push(...change.runs));
    const home = workspace.home({}, [api]);
    const { children } = await createPortfolioRun(home, { goal: 'g', folders: [api.folder, workspace.at('web')] });
    assert.equal(home.childKernel(api.folder), api);
    assert.ok(changes.includes(children[0]?.id ?? ''));
  });

  it('keeps several portfolios over the same folders, and over a folder inside another', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'api/web');
    const home = workspace.home();
    const folders = [workspace.at('api'), workspace.at('api/web')];
    const first = await createPortfolioRun(home, { goal: 'first', folders });
    const second = await createPortfolioRun(home, { goal: 'second', folders });
    const { runs } = (await workspace.open('api')).read((r) => listRuns(r));
    assert.deepEqual(new Set(runs.map((run) => run.parentRunId)), new Set([first.portfolio.id, second.portfolio.id]));
    assert.deepEqual(
      (await workspace.open('api/web')).read((r) => listRuns(r)).runs.map((run) => run.goal),
      ['second', 'first'],
    );
  });

  it('makes two at once from two windows', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const folders = [workspace.at('api'), workspace.at('web')];
    const [one, other] = [workspace.home(), workspace.home()];
    await Promise.all([
      createPortfolioRun(one, { goal: 'one', folders }),
      createPortfolioRun(other, { goal: 'other', folders }),
    ]);
    await one.load();
    const goals = one.kernel.read((r) => listRuns(r, { portfolio: true })).runs.map((run) => run.goal);
    assert.deepEqual(goals.sort(), ['one', 'other']);
    assert.equal((await workspace.open('web')).read((r) => listRuns(r)).runs.length, 2);
  });

  it('shares a folder with a project, and stays out of git when the project’s record is removed', async () => {
    const workspace = await TestWorkspace.create(projects, 'web');
    const home = workspace.home();
    const { children } = await createPortfolioRun(home, {
      goal: 'g',
      folders: [workspace.folder, workspace.at('web')],
    });
    const own = home.childKernel(workspace.folder);
    assert.equal(own.read((r) => getRun(r, children[0]?.id ?? '')).projectDir, workspace.folder);
    await own.remove();
    assert.deepEqual(
      (await workspace.files()).filter((file) => file.startsWith('.clavain/')),
      ['.clavain/.gitignore', '.clavain/portfolio.db'],
    );
    await home.kernel.remove();
    assert.ok(!(await workspace.files()).includes('.clavain'));
  });

  describe('that cannot be made', () => {
    /** The workspace is as it was before, file for file, and its one record holds no run. */
    const refuses = async (
      workspace: TestWorkspace,
      input: Partial<CreatePortfolioRun>,
      code: Parameters<typeof isCode>[0],
    ): Promise<KernelError> => {
      const before = await workspace.files();
      const home = workspace.home({ busyTimeoutMs: 100 });
      const folders = [workspace.at('api'), workspace.at('web'), workspace.at('docs')];
      let failure: unknown;
      await assert.rejects(createPortfolioRun(home, { goal: 'g', folders, ...input }), (error: unknown) => {
        failure = error;
        return isCode(code)(error);
      });
      await home.dispose();
      assert.deepEqual(await workspace.files(), before);
      const api = await workspace.open('api');
      if (api.state.kind === 'ready') assert.deepEqual(api.read((r) => listRuns(r)).runs, []);
      assert.ok(failure instanceof KernelError);
      return failure as KernelError;
    };

    const prepared = async (): Promise<TestWorkspace> => {
      const workspace = await TestWorkspace.create(projects, 'api', 'web', 'docs');
      await workspace.initialize('api');
      return workspace;
    };

    it('refuses a folder that is missing, a file, relative, or named twice', async () => {
      const workspace = await prepared();
      await writeFile(workspace.at('file'), '');
      await symlink(workspace.at('api'), workspace.at('link'));
      const api = workspace.at('api');
      for (const other of ['gone', 'file', 'file/below', 'link', 'api', 'web/../api']) {
        const error = await refuses(workspace, { folders: [api, workspace.at(other)] }, 'FOLDER_UNUSABLE');
        assert.ok(error.message.includes(path.basename(other)), error.message);
      }
      await refuses(workspace, { folders: [api, 'web'] }, 'FOLDER_UNUSABLE');
    });

    it('refuses fewer than two folders, a bad chain, an empty goal and circular or foreign dependencies', async () => {
      const workspace = await prepared();
      const [api, web] = [workspace.at('api'), workspace.at('web')];
      await refuses(workspace, { folders: [api] }, 'INVALID_ARGUMENT');
      await refuses(workspace, { phases: ['once'] }, 'INVALID_ARGUMENT');
      await refuses(workspace, { goal: ' ' }, 'INVALID_ARGUMENT');
      const foreign = [{ upstream: api, downstream: '/elsewhere' }];
      await refuses(workspace, { dependencies: foreign }, 'INVALID_ARGUMENT');
      const circle = [
        { upstream: api, downstream: web },
        { upstream: web, downstream: api },
      ];
      const error = await refuses(workspace, { dependencies: circle }, 'DEPENDENCY_CYCLE');
      assert.ok(error.message.includes('api → web → api'), error.message);
      const twice = [
        { upstream: api, downstream: web },
        { upstream: api, downstream: web },
      ];
      await refuses(workspace, { dependencies: twice }, 'DEPENDENCY_EXISTS');
    });

    it('takes all back when a folder has a damaged record', async () => {
      const workspace = await prepared();
      await mkdir(workspace.at('docs/.clavain'));
      await writeFile(databasePath(workspace.at('docs')), 'no database');
      await refuses(workspace, {}, 'DATABASE_DAMAGED');
    });

    it('takes all back when a record is a folder, or its folder a file', async () => {
      const workspace = await prepared();
      await mkdir(databasePath(workspace.at('docs')), { recursive: true });
      await refuses(workspace, {}, 'DATABASE_PATH');
      await rm(workspace.at('docs/.clavain'), { recursive: true });
      await writeFile(workspace.at('docs/.clavain'), '');
      await refuses(workspace, {}, 'DATABASE_PATH');
    });

    for (const held of ['api', 'web', 'docs']) {
      it(`takes all back when another process keeps the record of ${held} locked`, async () => {
        const workspace = await prepared();
        await workspace.initialize('web');
        await workspace.initialize('docs');
        await withFileLock(databasePath(workspace.at(held)), { timeoutMs: 1000 }, async () => {
          const error = await refuses(workspace, {}, 'DATABASE_BUSY');
          assert.ok(error.message.includes(workspace.at(held)), error.message);
        });
      });
    }

    it('leaves nothing when the portfolio itself cannot be saved', async () => {
      const workspace = await prepared();
      await writeFile(workspace.at('.clavain'), 'a file in its place');
      await refuses(workspace, {}, 'DATABASE_PATH');
    });

    it('keeps records that were made for it when something else was written there meanwhile', async () => {
      const workspace = await prepared();
      await workspace.initialize('docs');
      const home = workspace.home({ busyTimeoutMs: 1500 });
      const folders = [workspace.at('api'), workspace.at('web'), workspace.at('docs')];
      await withFileLock(databasePath(workspace.at('docs')), { timeoutMs: 1000 }, async () => {
        const creating = createPortfolioRun(home, { goal: 'g', folders });
        const web = home.childKernel(workspace.at('web'));
        await new Promise<void>((resolve) => web.onDidChange(({ runs }) => runs.size > 0 && resolve()));
        const [child] = web.read((r) => listRuns(r)).runs;
        await web.write((u) => advanceRun(u, child?.id ?? '', { tier: 'none' }));
        await assert.rejects(creating, isCode('DATABASE_BUSY'));
      });
      const [kept] = (await workspace.open('web')).read((r) => listRuns(r)).runs;
      assert.deepEqual(
        { phase: kept?.phase, parentRunId: kept?.parentRunId, metadata: kept?.metadata },
        { phase: 'brainstorm-reviewed', parentRunId: null, metadata: null },
      );
      assert.deepEqual((await workspace.open('api')).read((r) => listRuns(r)).runs, []);
    });
  });
});
