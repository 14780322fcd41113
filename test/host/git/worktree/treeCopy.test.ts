/** Copies of a person's files in a tree of ours: whole, on their own, and inside it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, readlink, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CopyMode } from '../../../../src/contract/results/worktrees';
import { copyEntries } from '../../../../src/host/git/worktree/treeCopy';
import { Projects } from '../../../support/projects';

describe('a copied tree', () => {
  const projects = Projects.ofSuite();
  let from: string;
  let to: string;
  let draft: string;
  let outside: string;
  beforeEach(async () => {
    const root = await projects.folder();
    [from, to, draft, outside] = ['from', 'to', 'draft', 'outside'].map((name) => path.join(root, name)) as [
      string,
      string,
      string,
      string,
    ];
    for (const folder of [from, to, draft, outside]) await mkdir(folder);
    await mkdir(path.join(from, 'modules', 'a', '.bin'), { recursive: true });
    await writeFile(path.join(from, 'modules', 'a', 'run'), 'text', { mode: 0o755 });
    await writeFile(path.join(from, '.env'), 'SECRET=1');
  });
  const copy = async (entry: string, mode: CopyMode = 'copy'): Promise<boolean> => {
    const { signal } = new AbortController();
    return (await copyEntries({ from, to, drafts: draft, mode, trusted: () => true, signal }, [entry])).length === 1;
  };

  it('has the files with their modes, and is on its own', async () => {
    assert.deepEqual([await copy('modules/'), await copy('.env')], [true, true]);
    const file = path.join(to, 'modules', 'a', 'run');
    assert.equal((await stat(file)).mode & 0o777, 0o755);
    await writeFile(file, 'changed');
    await writeFile(path.join(to, '.env'), 'SECRET=2');
    assert.equal(await readFile(path.join(from, 'modules', 'a', 'run'), 'utf8'), 'text');
    assert.equal(await readFile(path.join(from, '.env'), 'utf8'), 'SECRET=1');
    assert.deepEqual(await readdir(draft), []);
  });

  it('leads to no file of the original by its links', async () => {
    const links = { inside: path.join(from, 'modules', 'a', 'run'), beside: '../a/run', away: outside };
    for (const [name, target] of Object.entries(links)) await symlink(target, path.join(from, 'modules', 'a', name));
    await symlink(path.join(from, '.env'), path.join(from, 'single'));
    await copy('modules/');
    await copy('single');
    const targetOf = (name: string): Promise<string> => readlink(path.join(to, 'modules', 'a', name));
    assert.equal(await targetOf('inside'), path.join(to, 'modules', 'a', 'run'));
    assert.equal(await targetOf('beside'), '../a/run');
    assert.equal(await targetOf('away'), outside);
    assert.equal(await readlink(path.join(to, 'single')), path.join(to, '.env'));
  });

  it('has nothing of a link that leads out of the original, nor a link by another spelling of it', async () => {
    const alias = `${from}-alias`;
    await symlink(from, alias);
    await writeFile(path.join(outside, 'shared.env'), 'SHARED=1');
    const run = path.join('modules', 'a', 'run');
    await symlink(path.join(alias, run), path.join(from, 'modules', 'a', 'spelled'));
    for (const [name, target] of [
      ['shared', path.join(outside, 'shared.env')],
      ['beside', '../outside/shared.env'],
      ['folder', outside],
      ['root', '/'],
      ['spelled', path.join(alias, '.env')],
    ] as const) {
      await symlink(target, path.join(from, name));
    }
    const names = ['shared', 'beside', 'folder', 'root', 'spelled', 'modules/'];
    const copied: boolean[] = [];
    for (const name of names) copied.push(await copy(name));
    assert.deepEqual(copied, [false, false, false, false, true, true]);
    assert.deepEqual((await readdir(to)).sort(), ['modules', 'spelled']);
    assert.equal(await readlink(path.join(to, 'spelled')), path.join(to, '.env'));
    assert.equal(await readlink(path.join(to, 'modules', 'a', 'spelled')), path.join(to, run));
  });

  it('leaves what is in the way, and goes through no link', async () => {
    await writeFile(path.join(to, '.env'), 'own');
    await symlink(outside, path.join(to, 'modules'));
    await mkdir(path.join(from, 'config'));
    await writeFile(path.join(from, 'config', 'key'), 'k');
    await symlink(outside, path.join(to, 'config'));
    assert.deepEqual([await copy('.env'), await copy('modules/'), await copy('config/key')], [false, false, false]);
    assert.equal(await readFile(path.join(to, '.env'), 'utf8'), 'own');
    assert.deepEqual(await readdir(outside), []);
  });

  for (const entry of ['../outside', '/etc/passwd', 'modules/../../outside', '.', '']) {
    it(`refuses "${entry}"`, async () => {
      await writeFile(path.join(outside, 'file'), '');
      const before = await readdir(to);
      assert.equal(await copy(entry), false);
      assert.deepEqual(await readdir(to), before);
    });
  }

  it('shares files with the original only where that is asked for', async () => {
    await copy('modules/', 'hardLink');
    await copy('.env', 'symbolicLink');
    const inode = async (folder: string): Promise<number> => (await stat(path.join(folder, 'modules/a/run'))).ino;
    assert.equal(await inode(to), await inode(from));
    assert.equal((await lstat(path.join(to, '.env'))).isSymbolicLink(), true);
  });

  it('leaves nothing half made when it is ended or fails', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const order = { from, to, drafts: draft, mode: 'copy', trusted: () => true, signal: stop.signal } as const;
    await assert.rejects(copyEntries(order, ['modules/']), /stopped/);
    assert.equal(existsSync(path.join(to, 'modules')), false);
    const signal = new AbortController().signal;
    await chmod(path.join(from, 'modules', 'a', 'run'), 0);
    if (process.getuid?.() !== 0) {
      await assert.rejects(copyEntries({ ...order, signal }, ['modules/']), { code: 'COPY_FAILED' });
      assert.equal(existsSync(path.join(to, 'modules')), false);
    }
    assert.deepEqual(await readdir(draft), []);
  });
});
