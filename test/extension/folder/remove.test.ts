/** Taking a folder's record away: all of it, nothing else, and never under a running agent. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';

describe('removing the data of a folder', () => {
  const folder = openFolder();
  const clavain = path.join(folder, '.clavain');
  const file = path.join(clavain, 'intercore.db');
  const remove = () => call('intercore.database.remove', { folder, confirm: true });
  let api: IntercoreApi;

  beforeEach(async () => {
    api = await withDatabase(folder);
    await api.runs.create({ folder, goal: 'Gone soon' });
  });

  it('refuses while a dispatch may be running, and changes nothing', async () => {
    const request = { folder, kind: 'shell', prompt: 'exec sleep 600', name: 'Running' };
    const { id: dispatchId } = (await call('intercore.dispatch.start', request)) as Dispatch;
    await refuses('DISPATCHES_LIVE', remove());
    assert.equal(api.folders()[0]?.state, 'ready');
    assert.ok(existsSync(file));
    await api.dispatches.kill({ folder, dispatchId });
    await remove();
  });

  it('deletes the database, its backups and the folder they were in', async () => {
    await copyFile(file, `${file}.backup-20260101T000000Z`);
    const gone = (await remove()) as string[];
    assert.deepEqual(
      gone.map((each) => path.relative(clavain, each)),
      ['intercore.db', 'intercore.db.backup-20260101T000000Z', '.gitignore'],
    );
    assert.equal(existsSync(clavain), false);
    assert.equal(api.folders()[0]?.state, 'missing');
    await refuses('DATABASE_MISSING', api.runs.list({ folder }));
    await refuses('DATABASE_MISSING', remove());
  });

  it('deletes the prompts and logs of its agents', async () => {
    const request = { folder, kind: 'shell', prompt: 'echo done', name: 'Gone too' };
    const { id: dispatchId } = (await call('intercore.dispatch.start', request)) as Dispatch;
    await api.dispatches.wait({ folder, dispatchId });
    const { promptFile } = await api.dispatches.get({ folder, dispatchId });
    const files = [promptFile, await api.dispatches.logFile({ folder, dispatchId })];
    const areThere = () => files.map((file) => file !== null && existsSync(file));
    assert.deepEqual(areThere(), [true, true]);
    await remove();
    assert.deepEqual(areThere(), [false, false]);
  });

  it('leaves what is not ours', async () => {
    await writeFile(path.join(clavain, 'notes.md'), 'mine');
    await writeFile(path.join(clavain, '.gitignore'), 'notes.md\n');
    await remove();
    assert.deepEqual((await readdir(clavain)).sort(), ['.gitignore', 'notes.md']);
  });

  it('takes a damaged database away too', async () => {
    await writeFile(file, 'no database at all');
    await call('intercore.database.reload', { folder });
    assert.equal(api.folders()[0]?.state, 'failed');
    await remove();
    assert.equal(existsSync(file), false);
  });
});
