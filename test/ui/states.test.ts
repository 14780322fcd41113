/** What happens to the database file while the window is open: one clear message in the views, never a storm of toasts. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { API_RUN, seedRun, WEB_RUN } from '../../src/services/demo/runs';
import { ic } from '../support/ic/ic';
import { describeLong, itLong, itLongIf } from '../support/long';
import { sqlite3 } from '../support/records/sqlite3';
import { prepareFixture } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { createRun } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { Workbench } from './support/workbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { partOf, said } from './support/said';

const LOCK_MODULE = path.resolve(__dirname, '../../src/host/locks/fileLock.js');

describeLong('a database that something happens to', function () {
  this.timeout(240_000);
  let parent: string;
  let folder: string;
  let sound: string;
  let other: string;

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('states');
    const opens = await prepareFixture('folder', parent);
    assert.equal(opens.kind, 'folder');
    folder = opens.path;
    await seedRun(folder, API_RUN);
    sound = path.join(parent, 'sound.db');
    await copyFile(database(), sound);
    const elsewhere = await prepareFixture('folder', await mkdirIn(parent, 'elsewhere'));
    assert.equal(elsewhere.kind, 'folder');
    await seedRun(elsewhere.path, WEB_RUN);
    other = path.join(elsewhere.path, '.clavain/intercore.db');
    return { opens };
  });

  const database = () => path.join(folder, '.clavain/intercore.db');
  const runs = () => workbench().tree(viewName('runs'));
  const welcome = () => runs().welcome;

  before('show the views', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(420);
    await runs().row(API_RUN.goal).waitFor();
  });

  afterEach('put a sound database back', async () => {
    await workbench().page.keyboard.press('Escape');
    if ((await workbench().notification().count()) > 0) await workbench().clearNotifications();
    await rm(path.dirname(database()), { recursive: true, force: true });
    await welcome().getByText('This workspace has no record yet').waitFor();
    await put(await readFile(sound));
    await runs().row(API_RUN.goal).waitFor();
  });
  after('remove the folder', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  /** Puts a file in the place of the database, as a program does that saves carefully. */
  async function put(content: Buffer): Promise<void> {
    await mkdir(path.dirname(database()), { recursive: true });
    await writeFile(`${database()}.new`, content);
    await rename(`${database()}.new`, database());
  }

  const toasts = () => workbench().notification().count();

  it('deleted: says that there is none, and how to make one', async () => {
    await rm(database());
    await welcome().getByText('This workspace has no record yet').waitFor();
    await workbench().statusItem(said('needs an artifact')).waitFor({ state: 'detached' });
    assert.equal(await workbench().offersCommand(inPalette('database.initialize')), true);
    assert.equal(await toasts(), 0);
    await workbench().screenshot('state-deleted');
  });

  for (const [what, damage] of [
    ['truncated', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4096 * 3)],
    ['garbage', () => Buffer.from('no database at all, '.repeat(5000))],
  ] as const) {
    const itThen = itLongIf(what === 'garbage');
    itThen(`${what}: says so, leaves it alone and refuses changes once`, async () => {
      const bytes = damage(await readFile(sound));
      await put(bytes);
      await welcome().getByText('cannot be opened. It was not changed').waitFor();
      assert.equal(await toasts(), 0);
      assert.equal(await workbench().offersCommand(inPalette('run.create')), false);
      await workbench().screenshot(`state-${what}`);
      await welcome().getByText(titleOf('database.reload')).click();
      await welcome().getByText('cannot be opened. It was not changed').waitFor();
      assert.ok(bytes.equals(await readFile(database())));
    });
  }

  it('damaged with a backup: Restore Backup from the view asks, and brings the runs back', async () => {
    await copyFile(sound, `${database()}.backup-20260101T000000Z`);
    await put(Buffer.from('no database at all, '.repeat(5000)));
    const restore = welcome().getByText(titleOf('database.restoreBackup'));
    await restore.click();
    await workbench()
      .dialog.getByText(
        partOf(
          'Restore the newest backup. The damaged file is kept next to it.',
          'The damaged file is kept next to it',
        ),
      )
      .waitFor();
    await workbench().screenshot('state-restore');
    await workbench().answerDialog('Cancel');
    await restore.click();
    await workbench().answerDialog(said('Restore Backup'));
    await runs().row(API_RUN.goal).waitFor();
    assert.equal(await toasts(), 0);
    assert.equal(await sqlite3(database(), 'PRAGMA integrity_check'), 'ok');
    const kept = (await readdir(path.dirname(database()))).filter((name) => name.includes('.damaged-'));
    assert.equal(kept.length, 1);
  });

  itLong('replaced by another sound one: shows what that one holds', async () => {
    await put(await readFile(other));
    await runs().row(WEB_RUN.goal).waitFor();
    await runs().row(API_RUN.goal).locator.waitFor({ state: 'detached' });
    assert.equal(await toasts(), 0);
  });

  it('of a newer version: is read-only, and says why', async () => {
    const columns = "ALTER TABLE runs ADD COLUMN novelty TEXT DEFAULT 'x'; CREATE TABLE lanes (id TEXT PRIMARY KEY)";
    await sqlite3(database(), `${columns}; PRAGMA user_version = 39`);
    await runs().pane.getByText('read-only').waitFor();
    await runs().row(API_RUN.goal).waitFor();
    await runs().row(API_RUN.goal).locator.hover();
    const advance = runs()
      .row(API_RUN.goal)
      .locator.getByRole('button', { name: titleOf('run.advance') });
    await advance.waitFor({ state: 'detached' });
    assert.equal(await workbench().offersCommand(inPalette('run.advance')), false);
    assert.equal(await toasts(), 0);
    await workbench().screenshot('state-newer');
  });

  it('that may not be written: a change fails with one message, and the view is read-only', async function () {
    const freeze = (flag: '+i' | '-i') =>
      execFileSync('chattr', [flag, database(), path.dirname(database())], { stdio: 'ignore' });
    try {
      freeze('+i');
    } catch {
      console.log('      no chattr here, so root cannot be kept from writing');
      return this.skip();
    }
    try {
      await runs().row(API_RUN.goal).inlineAction(titleOf('run.advance'));
      await workbench()
        .notification(partOf('{path} cannot be written: {problem}', 'cannot be written'))
        .first()
        .waitFor();
      assert.equal(await toasts(), 1);
      await runs().pane.getByText('read-only').waitFor();
      await workbench().screenshot('state-read-only');
    } finally {
      freeze('-i');
    }
  });

  itLong('locked by a process that died: is written all the same', async () => {
    const hold = `require(process.argv[1]).withFileLock(process.argv[2], { timeoutMs: 1000 }, () => {
      console.log('held');
      return new Promise(() => setTimeout(() => {}, 600000));
    })`;
    const holder = spawn(process.execPath, ['-e', hold, LOCK_MODULE, database()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'close');
    await runs().row(API_RUN.goal).inlineAction(titleOf('run.advance'));
    await workbench()
      .notification(
        partOf(
          'Run {id} stays in {phase}. Conditions of its gate that are not met: {failed} of {all}.',
          'Conditions of its gate',
        ),
      )
      .first()
      .waitFor();
    assert.equal(await sqlite3(database(), "SELECT count(*) FROM phase_events WHERE event_type = 'block'"), '1');
  });

  it('that holds a row with values of no meaning: shows the others, and that one as it is', async () => {
    assert.equal((await ic(['run', 'create', '--goal=The odd one'], { cwd: folder })).code, 0);
    await runs().row('The odd one').waitFor();
    await sqlite3(database(), "UPDATE runs SET status = 'strange' WHERE goal = 'The odd one'");
    await runs().row('The odd one').locator.waitFor({ state: 'detached' });
    await runs().row(API_RUN.goal).waitFor();
    assert.equal(await toasts(), 0);
    await workbench().screenshot('state-odd-row');
  });

  itLong('seen by two windows: each shows what the other does', async () => {
    const second = await Workbench.open({ opens: { kind: 'folder', path: folder } });
    try {
      await second.openContainer('Intercore');
      await second.tree(viewName('runs')).row(API_RUN.goal).waitFor();
      await createRun(second, 'From the second window', { chain: 'Quick' });
      await runs().row('From the second window').waitFor();
      await createRun(workbench(), 'From the first window', { chain: 'Quick' });
      await second.tree(viewName('runs')).row('From the first window').waitFor();
      await runs().row('From the second window').contextMenu(titleOf('run.cancel'));
      await workbench().answerDialog(said('Cancel Run'));
      await second
        .tree(viewName('runs'))
        .row('From the second window')
        .locator.filter({ hasText: 'canceled in' })
        .waitFor();
      assert.equal(await second.notification().count(), 0);
    } finally {
      await second.close();
    }
  });

  itLong('whose folder became a file: says that it cannot be opened', async () => {
    await rm(path.dirname(database()), { recursive: true });
    await writeFile(path.dirname(database()), 'a file where the folder should be');
    await welcome().getByText('cannot be opened. It was not changed').waitFor();
    assert.equal(await toasts(), 0);
  });
});

async function mkdirIn(parent: string, name: string): Promise<string> {
  const folder = path.join(parent, name);
  await mkdir(folder);
  return folder;
}
