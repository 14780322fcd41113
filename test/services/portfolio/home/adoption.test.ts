import assert from 'node:assert/strict';
import { cp, rename, stat, writeFile } from 'node:fs/promises';
import { withFileLock } from '../../../../src/host/locks/fileLock';
import { databasePath, portfolioLocation, unsavedPortfolioLocation } from '../../../../src/host/files/paths';
import { portfolioDatabaseOf } from '../../../../src/kernel/portfolio/home';
import { childrenOf, listDependencies } from '../../../../src/kernel/portfolio/service';
import type { Run } from '../../../../src/kernel/run/record/model';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { adoptPortfolio } from '../../../../src/services/portfolio/home/adoption';
import { createPortfolioRun } from '../../../../src/services/portfolio/create';
import { PortfolioHome } from '../../../../src/services/portfolio/home/home';
import { isCode, Projects, testDeps } from '../../../support/projects';
import { TestWorkspace } from '../../../support/workspaces';

describe('portfolios that move', () => {
  const projects = Projects.ofSuite();

  const homeAt = (location: ReturnType<typeof portfolioLocation>): PortfolioHome => {
    const home = new PortfolioHome({
      location,
      kernelDeps: testDeps({ busyTimeoutMs: 200 }),
      openKernel: () => undefined,
    });
    projects.closing(() => home.dispose());
    return home;
  };

  interface Unsaved {
    readonly workspace: TestWorkspace;
    readonly portfolio: Run;
    readonly children: readonly Run[];
    /** The database in the storage. */
    readonly from: string;
  }

  const unsaved = async (): Promise<Unsaved> => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const home = homeAt(unsavedPortfolioLocation(workspace.at('storage')));
    const [api, web] = [workspace.at('api'), workspace.at('web')];
    const dependencies = [{ upstream: api, downstream: web }];
    const made = await createPortfolioRun(home, { goal: 'g', folders: [api, web], dependencies });
    await home.dispose();
    return { workspace, ...made, from: home.kernel.path };
  };

  const isThere = (file: string): Promise<boolean> =>
    stat(file).then(
      () => true,
      () => false,
    );

  /** The database that the child's own record names. */
  const named = async ({ id, projectDir }: Run): Promise<string | undefined> =>
    portfolioDatabaseOf((await projects.open(projectDir)).read((r) => getRun(r, id)));

  it('are moved when a workspace is saved, with their content, and their children are updated', async () => {
    const { workspace, portfolio, children, from } = await unsaved();
    const home = workspace.home();
    await home.load();
    await adoptPortfolio(home, from);
    assert.equal(home.kernel.path, portfolioLocation(workspace.folder).path);
    const mirrors = home.kernel.read((r) => childrenOf(r, portfolio.id));
    assert.deepEqual(
      mirrors.map(({ id }) => id),
      children.map(({ id }) => id),
    );
    assert.equal(home.kernel.read((r) => listDependencies(r, portfolio.id)).length, 1);
    for (const mirror of mirrors) {
      assert.equal(portfolioDatabaseOf(mirror), home.kernel.path);
      assert.equal(await named(mirror), home.kernel.path);
    }
    assert.equal(await isThere(from), false);
  });

  it('stay where they are when there is a home already, or they are no sound database', async () => {
    const { workspace, children, from } = await unsaved();
    const home = workspace.home();
    await home.kernel.initialize();
    await assert.rejects(adoptPortfolio(home, from), isCode('DATABASE_PATH'));
    assert.equal(await isThere(from), true);
    for (const child of children) assert.equal(await named(child), from);
    await home.kernel.remove();
    await writeFile(from, 'no database');
    await assert.rejects(adoptPortfolio(home, from), isCode('DATABASE_DAMAGED'));
    assert.equal(home.kernel.state.kind, 'missing');
  });

  it('tell a child later that could not be written at once', async () => {
    const { workspace, children, from } = await unsaved();
    const home = homeAt(portfolioLocation(workspace.folder));
    await withFileLock(databasePath(workspace.at('web')), { timeoutMs: 1000 }, () => adoptPortfolio(home, from));
    const [api, web] = children;
    assert.ok(api !== undefined && web !== undefined);
    assert.deepEqual(
      { namedApi: await named(api), namedWeb: await named(web) },
      { namedApi: home.kernel.path, namedWeb: from },
    );
    await workspace.home().load();
    assert.equal(await named(web), home.kernel.path);
  });

  it('are found again when the folder of a workspace is renamed, and not stolen by a copy', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web', 'first');
    const first = homeAt(portfolioLocation(workspace.at('first')));
    const { children } = await createPortfolioRun(first, {
      goal: 'g',
      folders: [workspace.at('api'), workspace.at('web')],
    });
    await first.dispose();
    await cp(workspace.at('first'), workspace.at('copy'), { recursive: true });
    await homeAt(portfolioLocation(workspace.at('copy'))).load();
    for (const child of children) assert.equal(await named(child), first.kernel.path);
    await rename(workspace.at('first'), workspace.at('second'));
    const second = homeAt(portfolioLocation(workspace.at('second')));
    await second.load();
    for (const child of children) assert.equal(await named(child), second.kernel.path);
  });
});
