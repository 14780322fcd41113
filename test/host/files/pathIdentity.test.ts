/** Paths that lead to one place, and paths that would if what their links lead to were there. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isSameFile } from '../../../src/host/files/pathIdentity';

describe('the identity of paths', () => {
  let top: string;

  beforeEach(async () => {
    top = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-identity-')));
  });
  afterEach(() => rm(top, { recursive: true }));

  const at = (...names: string[]): string => path.join(top, ...names);

  it('is the same through links, there and away', async () => {
    await mkdir(at('disk'));
    await symlink(at('disk', 'storage'), at('storage'));
    await symlink('storage', at('again'));
    assert.equal(await isSameFile(at('again', 'tree'), at('disk', 'storage', 'tree')), true, 'away');
    await mkdir(at('disk', 'storage', 'tree'), { recursive: true });
    assert.equal(await isSameFile(at('again', 'tree'), at('disk', 'storage', 'tree')), true, 'there');
    assert.equal(await isSameFile(at('again', 'tree'), at('disk', 'storage', 'other')), false);
  });

  it('is that of the path itself for links in a circle and for files that something is below', async () => {
    await symlink(at('two'), at('one'));
    await symlink(at('one'), at('two'));
    assert.equal(await isSameFile(at('one', 'tree'), at('one', 'tree')), true);
    assert.equal(await isSameFile(at('one', 'tree'), at('two', 'tree')), false);
    await mkdir(at('folder'));
    assert.equal(await isSameFile(at('folder', 'x', '..', 'y'), at('folder', 'y')), true);
  });
});
