import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { insideFolder, ownStorageFile } from '../../../src/host/trusted/insideFolder';

describe('paths below a known root', () => {
  let root: string;
  let outside: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'intercore-inside-')));
    outside = await realpath(await mkdtemp(path.join(os.tmpdir(), 'intercore-outside-')));
    await mkdir(path.join(root, 'logs'));
    await writeFile(path.join(outside, 'secret'), 'x');
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
    await rm(outside, { recursive: true, force: true });
  });

  it('takes a file below the root, be it there or not', async () => {
    assert.equal(await insideFolder(root, path.join(root, 'logs', 'new', 'a.log')), path.join(root, 'logs/new/a.log'));
    assert.equal(await ownStorageFile([outside, root], path.join(root, 'logs')), path.join(root, 'logs'));
  });

  it('takes the folder itself, but not a storage itself', async () => {
    assert.equal(await insideFolder(root, root), root);
    assert.equal(await ownStorageFile([root], root), undefined);
  });

  it('refuses paths that leave the root', async () => {
    await symlink(outside, path.join(root, 'link'));
    await symlink(path.join(outside, 'nothing'), path.join(root, 'dangling'));
    await symlink(path.join(root, 'loop'), path.join(root, 'loop'));
    const claims = [
      ...[
        path.join(outside, 'secret'),
        `${root}/logs/../../etc`,
        `${root}-beside/x`,
        'logs/a.log',
        '',
        '/',
        `${root}/a\0b`,
      ],
      ...['link/secret', 'link/new', 'dangling', 'dangling/x', 'loop'].map((name) => path.join(root, name)),
    ];
    for (const claim of claims) {
      assert.equal(await insideFolder(root, claim), undefined, claim);
      assert.equal(await ownStorageFile([root], claim), undefined, claim);
    }
  });

  it('resolves a root that is reached by a link', async () => {
    const link = path.join(outside, 'to-root');
    await symlink(root, link);
    assert.equal(await insideFolder(link, path.join(root, 'logs')), path.join(root, 'logs'));
  });
});
