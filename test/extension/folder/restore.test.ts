/**
 * A damaged database is left alone, said so, and replaced by its backup when asked
 * (`docs/design/architecture.md#opening-a-record`).
 */
import assert from 'node:assert/strict';
import { copyFile, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';

describe('a damaged database', () => {
  const folder = openFolder();
  const file = path.join(folder, '.clavain', 'intercore.db');
  const damage = Buffer.from('this was a database once'.repeat(1000));
  let api: IntercoreApi;
  let runId: string;

  before(async () => {
    api = await withDatabase(folder);
    ({ id: runId } = await api.runs.create({ folder, goal: 'Survives' }));
    await copyFile(file, `${file}.backup-20990101T000000Z`);
    await writeFile(`${file}.new`, damage);
    await rename(`${file}.new`, file);
    await call('intercore.database.reload', { folder });
  });

  it('refuses changes and stays as it is', async () => {
    await refuses('DATABASE_DAMAGED', call('intercore.run.create', { folder, goal: 'No' }));
    assert.equal(api.folders()[0]?.problem?.code, 'DATABASE_DAMAGED');
    assert.deepEqual(await readFile(file), damage);
  });

  it('is replaced by the newest backup, and kept beside it', async () => {
    await call('intercore.database.restoreBackup', { folder, confirm: true });
    assert.equal(api.folders()[0]?.state, 'ready');
    assert.equal((await api.runs.get({ runId })).goal, 'Survives');
    const kept = (await readdir(path.dirname(file))).find((name) => name.includes('.damaged-'));
    assert.deepEqual(await readFile(path.join(path.dirname(file), kept ?? '')), damage);
    await refuses('NONE_AVAILABLE', call('intercore.database.restoreBackup', { folder, confirm: true }));
  });
});
