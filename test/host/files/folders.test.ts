/** Folders are made with those above them, and what the system refuses is an error, never an endless loop. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { makeFolders, makeFoldersSync } from '../../../src/host/files/folders';
import { ic } from '../../support/ic/ic';

describe('folders', function () {
  this.timeout(30_000);
  let root: string;
  const at = (...names: string[]): string => path.join(root, ...names);

  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'folders-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are made with those above them, private, by several programs at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => makeFolders(at('a', 'b', 'c'))));
    await makeFolders(at('a', 'b', 'c'));
    assert.equal((await stat(at('a', 'b', 'c'))).isDirectory(), true);
    if (process.platform !== 'win32') assert.equal((await stat(at('a'))).mode & 0o777, 0o700);
  });

  it('are made and refused the same where the caller cannot wait', async () => {
    makeFoldersSync(at('a', 'b', 'c'));
    makeFoldersSync(at('a', 'b', 'c'));
    assert.equal((await stat(at('a', 'b', 'c'))).isDirectory(), true);
    await writeFile(at('file'), '');
    assert.throws(() => makeFoldersSync(at('file')), { code: 'EEXIST' });
    if (process.platform === 'linux') {
      assert.throws(() => makeFoldersSync('/proc/intercore/a'), { code: 'ENOENT' });
    }
  });

  it('may be reached through a link', async () => {
    await mkdir(at('real'));
    await symlink(at('real'), at('link'));
    await makeFolders(at('link', 'a', 'b'));
    assert.equal((await stat(at('real', 'a', 'b'))).isDirectory(), true);
  });

  it('are refused below a file and below a link to nothing', async () => {
    await writeFile(at('file'), '');
    await symlink(at('nowhere'), at('dangling'));
    for (const place of ['file', 'dangling']) {
      await assert.rejects(makeFolders(at(place)), { code: 'EEXIST' });
      await assert.rejects(makeFolders(at(place, 'a', 'b')), { code: place === 'file' ? 'ENOTDIR' : 'EEXIST' });
    }
  });

  it('are refused where the system makes none, also as a storage of `ic`', async function () {
    if (process.platform !== 'linux') return this.skip();
    await assert.rejects(makeFolders('/proc/intercore/a'), { code: 'ENOENT' });
    const env = { PATH: process.env['PATH'] ?? '', HOME: root };
    assert.equal((await ic(['init'], { cwd: root, env })).code, 0);
    const stored = await ic(['lead', '--once', '--storage=/proc/intercore'], { cwd: root, env });
    assert.deepEqual({ code: stored.code, stdout: stored.stdout }, { code: 2, stdout: '' }, stored.stderr);
    assert.match(stored.stderr, /\/proc\/intercore/);
    await writeFile(at('prompt.sh'), 'true');
    const spawned = await ic(['dispatch', 'spawn', '--type=shell', '--prompt-file=prompt.sh'], {
      cwd: root,
      env: { ...env, XDG_STATE_HOME: '/proc/intercore' },
    });
    assert.equal(spawned.code, 2, spawned.stderr);
  });
});
