/** An agent outlives its window: after a reload it is found again, not doubled, and its end is recorded. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ic } from '../support/ic/ic';
import { sqlite3 } from '../support/records/sqlite3';
import { startDispatch } from './support/startDispatch';
import { withWorkbench } from './support/withWorkbench';
import { describeLong } from '../support/long';
import { viewName } from './support/titles';

const AGENT_LIMIT_MS = 60_000;

describeLong('a window that is reloaded while an agent works', function () {
  this.timeout(180_000);
  const workbench = withWorkbench({ opens: 'folder' });
  const project = (): string => {
    const { opened } = workbench().session;
    if (opened.kind !== 'folder') throw new Error('this test opens a folder');
    return opened.path;
  };
  const rows = async (sql: string): Promise<string[]> => {
    return (await sqlite3(path.join(project(), '.clavain/intercore.db'), sql)).split('\n');
  };

  it('finds the agent again, follows its log on and records how it ended', async () => {
    assert.equal((await ic(['init'], { cwd: project() })).code, 0);
    assert.equal((await ic(['run', 'create', '--goal=Outlive the window'], { cwd: project() })).code, 0);
    await workbench().openContainer('Intercore');
    await workbench().tree(viewName('runs')).row('Outlive the window').waitFor();

    // The agent works until the test lets it end, so that the reload certainly falls into its work.
    const go = path.join(project(), 'go');
    const prompt = `echo before; while [ ! -e '${go}' ]; do sleep 0.2; done; echo after`;
    await startDispatch(workbench(), { kind: 'shell', run: 'Outlive the window', prompt, name: 'Patient' });
    const row = () => workbench().tree(viewName('dispatches')).row('Patient').locator;
    await row().filter({ hasText: 'running' }).waitFor({ timeout: AGENT_LIMIT_MS });
    const pid = await rows('SELECT pid FROM dispatches');

    await workbench().page.reload();
    await workbench().openContainer('Intercore');
    await row().filter({ hasText: 'running' }).waitFor({ timeout: AGENT_LIMIT_MS });
    await workbench().tree(viewName('dispatches')).row('Patient').click();
    await workbench().page.locator('.part.editor').getByText('before').first().waitFor();
    assert.deepEqual(await rows('SELECT pid FROM dispatches'), pid, 'it is the same process, and the only one');

    await writeFile(go, '');
    await workbench().page.locator('.part.editor').getByText('after').first().waitFor({ timeout: AGENT_LIMIT_MS });
    await row().filter({ hasText: 'completed' }).waitFor({ timeout: AGENT_LIMIT_MS });
    assert.deepEqual(await rows('SELECT status, exit_code FROM dispatches'), ['completed|0']);
    assert.deepEqual(await rows('SELECT from_status, to_status FROM dispatch_events ORDER BY id'), [
      'spawned|running',
      'running|completed',
    ]);
    assert.deepEqual(await rows('SELECT status FROM run_agents'), ['completed']);
  });
});
