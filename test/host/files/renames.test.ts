/** Renames that Windows refuses for a moment. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renameOver } from '../../../src/host/files/renames';

describe('a rename', () => {
  let folder = '';
  const at = (name: string): string => path.join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'renames-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('replaces the file', async () => {
    await writeFile(at('new'), 'new');
    await writeFile(at('old'), 'old');
    await renameOver(at('new'), at('old'));
    assert.equal(await readFile(at('old'), 'utf8'), 'new');
  });

  it('reports a lasting error at once, of Windows, too', async () => {
    await assert.rejects(renameOver(at('missing'), at('old'), 'win32'), { code: 'ENOENT' });
    await writeFile(at('file'), '');
    await mkdir(path.join(at('full'), 'inner'), { recursive: true });
    await assert.rejects(renameOver(at('file'), at('full'), 'win32'), { code: 'EISDIR' });
  });
});
