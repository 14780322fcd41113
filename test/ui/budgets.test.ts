/** Budgets in the window: gauges in words on the rows of a run, its dispatch and a task. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setRunBudget } from '../../src/kernel/budget/reservation/limits';
import { reserve } from '../../src/kernel/budget/reservation/reservations';
import { createDispatch, endDispatch, setTokens } from '../../src/kernel/dispatch/service';
import { createRun } from '../../src/kernel/run/record/runs';
import { openTestKernel } from '../support/records/kernel';
import { prepareFixture } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { describeLong } from '../support/long';
import { viewName } from './support/titles';

/** In every run, `test/views` has these rows. */
describeLong('budgets in the window', () => {
  let parent: string;

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('budgets');
    const opens = await prepareFixture('folder', parent);
    assert.equal(opens.kind, 'folder');
    const kernel = await openTestKernel();
    kernel.clock.advance(Math.floor(Date.now() / 1000) - kernel.clock.now);
    kernel.write((u) => {
      const { id } = createRun(u, { projectDir: opens.path, goal: 'Translate the help', tokenBudget: 50_000 });
      setRunBudget(u, id, { cost: 2_500_000 });
      const dispatch = createDispatch(u, { agentType: 'claude', projectDir: opens.path, name: 'German', scopeId: id });
      const request = {
        tokens: { amount: 42_000, basis: 'given' },
        cost: { amount: 400_000, basis: 'guess' },
      } as const;
      reserve(u, dispatch.id, request, { isEnforced: true });
      setTokens(u, dispatch.id, { inputTokens: 40_000, outputTokens: 1_000 });
      endDispatch(u, dispatch.id, { status: 'completed' });
    });
    const folder = path.join(opens.path, '.clavain');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'intercore.db'), kernel.kernel.export());
    return { opens, scale: 2 };
  });

  after('remove the folder', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  it('are on the rows of runs and dispatches, in words, also for a screen reader', async () => {
    await workbench().openContainer('Intercore');
    const run = workbench().tree(viewName('runs')).row('Translate the help');
    await run.waitFor();
    const gauge = '41K of 50K tokens, near its budget · $0.40 of $2.50';
    assert.equal(await run.description(), `gate blocked · ${gauge}`);
    assert.match(await run.ariaLabel(), /near its budget/);
    const dispatch = workbench().tree(viewName('dispatches')).row('German');
    await dispatch.waitFor();
    assert.match(await dispatch.description(), /41K of 42K tokens, near its budget/);
    await workbench().screenshot('budgets-rows');
  });
});
