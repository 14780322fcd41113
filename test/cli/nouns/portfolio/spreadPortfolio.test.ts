/** Portfolios of the editor, with children in the databases of their projects, from a shell. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { activeDispatches } from '../../../../src/kernel/dispatch/service';
import type { Run } from '../../../../src/kernel/run/record/model';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { createPortfolioRun } from '../../../../src/services/portfolio/create';
import { ic } from '../../../support/ic/ic';
import { Projects } from '../../../support/projects';
import { TestWorkspace } from '../../../support/workspaces';

const DATABASE = '--db=.clavain/portfolio.db';

describe('ic and a portfolio in several databases', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  interface Made {
    readonly workspace: TestWorkspace;
    readonly portfolio: Run;
    readonly children: readonly Run[];
  }

  const made = async (): Promise<Made> => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const home = workspace.home();
    const folders = [workspace.at('api'), workspace.at('web')];
    const dependencies = [{ upstream: workspace.at('api'), downstream: workspace.at('web') }];
    const { portfolio, children } = await createPortfolioRun(home, { goal: 'g', folders, dependencies });
    await home.dispose();
    return { workspace, portfolio, children };
  };

  it('shows the phases of its children', async () => {
    const { workspace, portfolio, children } = await made();
    const { code, stdout, stderr } = await ic([DATABASE, 'portfolio', 'status', portfolio.id], {
      cwd: workspace.folder,
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const rows = stdout.split('\n').map((line) => line.split(/\s+/).slice(0, 3));
    assert.deepEqual(
      rows.slice(1, 3),
      children.map(({ projectDir }) => [projectDir, 'brainstorm', 'active']),
    );
  });

  it('cancels the children in their own databases, and ends their agents', async () => {
    const { workspace, portfolio, children } = await made();
    const [first] = children;
    assert.ok(first !== undefined);
    const env = { XDG_STATE_HOME: workspace.at('state') };
    await writeFile(workspace.at('api/task.sh'), 'exec sleep 600\n');
    const spawn = ['dispatch', 'spawn', '--type=shell', `--scope-id=${first.id}`, '--prompt-file=task.sh'];
    const spawned = await ic(spawn, { cwd: workspace.at('api'), env });
    assert.equal(spawned.code, 0, spawned.stderr);
    const { code, stdout, stderr } = await ic([DATABASE, 'run', 'cancel', portfolio.id], {
      cwd: workspace.folder,
      env,
    });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'cancelled (portfolio + 2 children)\n', stderr: '' });
    for (const { id, projectDir } of children) {
      assert.equal((await projects.open(projectDir)).read((r) => getRun(r, id)).status, 'cancelled');
    }
    assert.deepEqual((await projects.open(workspace.at('api'))).read(activeDispatches), []);
  });

  it('reports a child that it could not cancel in its own database', async () => {
    const { workspace, portfolio } = await made();
    await rm(workspace.at('web'), { recursive: true });
    const { code, stdout, stderr } = await ic([DATABASE, 'run', 'cancel', portfolio.id], { cwd: workspace.folder });
    assert.deepEqual({ code, stdout }, { code: 2, stdout: 'cancelled (portfolio + 1 children)\n' });
    assert.ok(stderr.startsWith(`ic: run cancel: ${workspace.at('web')} is left as it is: There is no`), stderr);
  });
});
