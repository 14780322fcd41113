/** The timeline of a run in the workbench: opened from a row, alive, back after a reload, and exported. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { createRepository, PARCEL_API } from '../../scripts/demo/repositories';
import { databasePath } from '../../src/host/files/paths';
import { icOk } from '../support/ic/ic';
import { TEST_START_SEC } from '../support/records/kernel';
import { openTestFolder } from '../support/records/viewFixture';
import { storyOf } from '../support/records/timelines';
import { until } from '../support/until';
import { startDispatch } from './support/startDispatch';
import { withWorkbench } from './support/withWorkbench';
import { inPalette } from './support/titles';
import { describeLong, itLong } from '../support/long';
import { said } from './support/said';

const GOAL = 'Tell people when their parcel is late';
const PAST = 'Show a parcel on a map';
/** A little more than the story lasts. */
const PAST_SEC = 16.5 * 60 * 60;

describeLong('the timeline in the workbench', function () {
  this.timeout(240_000);
  let folder: string;
  let project: string;
  let runId: string;

  const does = (...args: readonly string[]): Promise<string> => icOk(args, { cwd: project });

  const workbench = withWorkbench(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
    project = path.join(folder, 'parcel-api');
    await createRepository(project, PARCEL_API);
    await writeThePast(project);
    const phases = '--phases=["planned","executing","review","done"]';
    runId = await does('run', 'create', `--goal=${GOAL}`, phases, '--token-budget=200000');
    return { opens: { kind: 'folder', path: project }, width: 1280, height: 860, scale: 2 };
  });
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const timeline = (): Promise<Frame> => workbench().webview('#timeline');
  const shape = async (name: RegExp) => (await timeline()).getByRole('button', { name });

  it('opens from the palette, and shows what has happened', async () => {
    await workbench().openContainer('Intercore');
    await workbench().runCommand(inPalette('timeline.show'));
    await workbench().quickInput.pick(GOAL);
    await (await shape(/^Phase planned, current/)).first().waitFor();
    assert.deepEqual(await workbench().page.locator('.tab').allInnerTexts(), [`Timeline: ${GOAL}`]);
  });

  it('follows agents, refusals and overrides while they happen', async () => {
    await startDispatch(workbench(), {
      kind: 'shell',
      run: GOAL,
      prompt: 'echo working; sleep 2',
      name: 'Find the slow parcels',
    });
    await (await shape(/^Dispatch Find the slow parcels, running/)).waitFor();
    await (await shape(/^Dispatch Find the slow parcels, completed/)).waitFor();
    await does('gate', 'override', runId, '--reason=The plan is in the ticket');
    await (await shape(/^override at planned → executing/)).waitFor();
  });

  it('explains an item under the mouse and under the keyboard', async () => {
    const frame = await timeline();
    await (await shape(/^override at/)).hover();
    await frame.locator('#because', { hasText: 'The plan is in the ticket' }).waitFor();
    await (await shape(/^Dispatch Find the slow parcels/)).focus();
    await frame.locator('#because', { hasText: said('Exit code') }).waitFor();
    await workbench().page.keyboard.press('Enter');
    await workbench().page.locator('.part.editor .view-lines').getByText('working').waitFor();
  });

  itLong('is back after a reload of the window', async () => {
    const reloaded = workbench().page.waitForEvent('load');
    await workbench().runCommand('Developer: Reload Window');
    await reloaded;
    await workbench().page.locator('.tab', { hasText: 'Timeline: ' }).click();
    await (await shape(/^override at planned → executing/)).waitFor();
  });

  it('is exported as a picture and as text', async () => {
    await workbench().page.locator('.tab', { hasText: 'Timeline: ' }).click();
    const written = path.join(project, `timeline-${runId}.md`);
    await (await timeline()).getByRole('button', { name: said('Export…') }).click();
    await workbench().quickInput.pick(/^Markdown/);
    await workbench().quickInput.waitForFiles(written);
    await workbench().quickInput.accept();
    const text = await until(
      async () => (existsSync(written) ? readFile(written, 'utf8') : ''),
      (read) => read !== '',
    );
    assert.match(text, /The plan is in the ticket/);
  });

  it('shows days of work', async () => {
    await workbench().page.locator('.tab', { hasText: GOAL }).first().click();
    await workbench().runCommand('View: Close All Editors');
    await workbench().runCommand(inPalette('timeline.show'));
    await workbench().quickInput.pick(PAST);
    await (await shape(/^override at executing → review/)).focus();
    await (await timeline()).locator('#because', { hasText: 'The customer waits' }).waitFor();
    await workbench().screenshot('timeline', 'documentation');
  });
});

/** Writes a record that holds a run of the last days. */
async function writeThePast(project: string): Promise<void> {
  const past = await openTestFolder(project);
  past.kernel.clock.advance(Math.floor(Date.now() / 1000) - TEST_START_SEC - PAST_SEC);
  storyOf(past, PAST);
  const file = databasePath(project);
  await mkdir(path.dirname(file));
  await writeFile(file, past.kernel.kernel.export());
}
