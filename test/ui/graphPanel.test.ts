/** The dependency graph in the workbench: alive, led by the keyboard into the tree, and back after a reload. */
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { portfolioLocation } from '../../src/host/files/paths';
import type { PortfolioOutcome } from '../../src/kernel/portfolio/model';
import { advanceRun } from '../../src/kernel/run/advance';
import { createPortfolioRun } from '../../src/services/portfolio/create';
import { PortfolioHome } from '../../src/services/portfolio/home/home';
import { testDeps } from '../support/projects';
import { writeWorkspace } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { inPalette } from './support/titles';
import { describeLong } from '../support/long';
import { said } from './support/said';

const NAMES = ['web', 'api', 'docs', 'schema'];
const CHAIN = ['plan', 'build', 'done'];

/** In every run, `portfolioStory` draws the graph, and `graphPage` has its page. */
describeLong('the dependency graph in the workbench', function () {
  this.timeout(180_000);
  let folder: string;
  let home: PortfolioHome;
  let made: PortfolioOutcome;
  const dir = (name: string): string => path.join(folder, name);

  const workbench = withWorkbench(async () => {
    folder = await makeTmpFolder('graph');
    for (const name of NAMES) await mkdir(dir(name));
    const file = await writeWorkspace(path.join(folder, 'ship.code-workspace'), NAMES);
    home = new PortfolioHome({
      location: portfolioLocation(folder),
      kernelDeps: testDeps(),
      openKernel: () => undefined,
    });
    const dependencies = [
      { upstream: dir('schema'), downstream: dir('api') },
      { upstream: dir('api'), downstream: dir('web') },
    ];
    made = await createPortfolioRun(home, {
      goal: 'Ship <b>it</b>',
      folders: NAMES.map(dir),
      phases: CHAIN,
      dependencies,
    });
    return { opens: { kind: 'workspace', path: file } };
  });
  after(async () => {
    await home.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const graph = (): Promise<Frame> => workbench().webview('.node');
  const node = (frame: Frame, name: string, kind = ''): Locator =>
    frame.locator(`.node${kind}`, { has: frame.locator('.name', { hasText: new RegExp(`^${name}$`) }) });
  const place = async (): Promise<string | null> => (await graph()).locator('#stage').getAttribute('style');

  it('opens from the palette, in one panel however often', async () => {
    await workbench().openContainer('Intercore');
    await workbench().runCommand(inPalette('portfolio.showGraph'));
    const names = await (await graph()).locator('.node .name').allTextContents();
    assert.deepEqual(names, ['schema', 'api', 'web', 'docs']);
    await workbench().runCommand(inPalette('portfolio.showGraph'));
    const tabs = workbench().page.locator('.tab');
    assert.deepEqual(await tabs.allInnerTexts(), ['Graph: Ship <b>it</b>']);
    await workbench().screenshot('graph');
  });

  it('follows what another process does in a project', async () => {
    const frame = await graph();
    await node(frame, 'api', '.waiting').waitFor();
    const schema = made.children.find(({ projectDir }) => projectDir === dir('schema'));
    const kernel = home.childKernel(dir('schema'));
    await kernel.load();
    await kernel.write((u) => advanceRun(u, schema?.id ?? '', { tier: 'none' }));
    await node(frame, 'api', '.active').waitFor();
    await frame.getByRole('status').getByText('schema, phase build').waitFor();
  });

  it('leads into the tree', async () => {
    const frame = await graph();
    await node(frame, 'web').focus();
    await workbench().page.keyboard.press('+');
    await workbench().page.keyboard.press('Enter');
    const row = workbench()
      .page.locator('.pane', { hasText: said('Portfolio') })
      .locator('.monaco-list-row.selected');
    await row.filter({ hasText: 'web' }).waitFor();
  });

  it('is as it was left after it was hidden, and after a reload of the window', async () => {
    const before = await place();
    assert.match(before ?? '', /scale\(1\.\d+\)/);
    await workbench().runCommand('File: New Untitled Text File');
    await workbench().runCommand('View: Close Editor');
    assert.equal(await place(), before);
    const reloaded = workbench().page.waitForEvent('load');
    await workbench().runCommand('Developer: Reload Window');
    await reloaded;
    assert.equal(await place(), before);
  });
});
