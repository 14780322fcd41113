/** A clone and worktrees that are mounted twice, or that another disk is mounted over. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../scripts/demo/repositories';
import { Repository } from '../../../src/host/git/repository';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { isFileInside, isSameFile } from '../../../src/host/files/pathIdentity';
import { MARK_VARIABLE } from '../../../src/host/process/processIdentity';
import { gitFolder, testGit } from '../../support/git';
import { bind, itMounts, mountMemory, remountReadOnly, unmount } from '../../support/hostile/mountNamespace';

describe('a worktree, with real mounts', function () {
  this.timeout(120_000);

  interface Stage {
    readonly parent: string;
    readonly clone: string;
    /** Another path of `parent`. */
    readonly twin: string;
    readonly folder: string;
    readonly at: (clone: string, folder: string) => Promise<Worktrees>;
  }

  const itHolds = (title: string, body: (stage: Stage) => Promise<void>): void =>
    itMounts(title, __filename, async () => {
      const top = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-mounts-')));
      const [parent, twin] = [path.join(top, 'disk'), path.join(top, 'twin')];
      await mkdir(parent);
      await mkdir(twin);
      await bind(parent, twin);
      const clone = path.join(parent, 'clone');
      await createRepository(clone, PARCEL_API);
      const folder = path.join(parent, 'worktrees', 'parcels', 'work');
      const at = async (ofClone: string, ofFolder: string): Promise<Worktrees> =>
        new Worktrees(new Repository(testGit(), await gitFolder(ofClone)), path.dirname(ofFolder));
      try {
        await body({ parent, clone, twin, folder, at });
      } finally {
        await unmount(twin).catch(() => undefined);
        await rm(top, { recursive: true, force: true });
      }
    });

  const twinOf = ({ parent, twin }: Stage, place: string): string => path.join(twin, path.relative(parent, place));
  const making = (folder: string) => ({ folder, branch: 'work', baseSha: 'main' });

  itHolds('is one, whichever path leads to its clone and to itself', async (stage) => {
    const { clone, folder, at } = stage;
    const twinFolder = twinOf(stage, folder);
    const own = await at(clone, folder);
    const twin = await at(twinOf(stage, clone), twinFolder);
    assert.equal(await own.ensure(making(folder)), true);
    await writeFile(path.join(folder, 'loose.txt'), 'loose');
    assert.equal(await twin.ensure(making(twinFolder)), false);
    assert.equal(await own.ensure(making(folder)), false);
    assert.deepEqual(
      (await readdir(path.dirname(folder))).filter((name) => !name.startsWith('.')),
      ['work'],
    );
    // Git names the other path there, so it is not opened, and stays.
    const facts = { path: twinFolder, known: folder };
    await assert.rejects(twin.remove(twinFolder, 'gone'), { code: 'WORKTREE_OTHER_PATH', facts });
    assert.equal(await readFile(path.join(folder, 'loose.txt'), 'utf8'), 'loose');
    const kept = await own.remove(folder, 'gone');
    assert.equal((await git(clone, ['show', `${kept?.sha ?? ''}:loose.txt`])).trim(), 'loose');
    assert.equal(existsSync(folder), false);
  });

  itHolds('that git knows by another path is not put aside while that path is not there', async (stage) => {
    const { parent, clone, twin, folder, at } = stage;
    const byTwin = await at(twinOf(stage, clone), twinOf(stage, folder));
    await byTwin.ensure(making(twinOf(stage, folder)));
    await writeFile(path.join(folder, 'loose.txt'), 'loose');
    await unmount(twin);
    const own = await at(clone, folder);
    await assert.rejects(own.ensure(making(folder)), { code: 'WORKTREE_UNSEEN' });
    await assert.rejects(own.remove(folder, 'gone'), { code: 'WORKTREE_UNSEEN' });
    assert.equal(await readFile(path.join(folder, 'loose.txt'), 'utf8'), 'loose');
    await bind(parent, twin);
    assert.equal(await own.ensure(making(folder)), false);
    await git(clone, ['worktree', 'repair', folder]);
    await unmount(twin);
    assert.equal(await own.ensure(making(folder)), false);
  });

  itHolds('is none where only its .git file is, by a hard link', async (stage) => {
    const { parent, clone, folder, at } = stage;
    await (await at(clone, folder)).ensure(making(folder));
    const other = path.join(parent, 'worktrees', 'parcels', 'other');
    await mkdir(other);
    await link(path.join(folder, '.git'), path.join(other, '.git'));
    const status = testGit().run(await gitFolder(other), ['status']);
    await assert.rejects(status, { code: 'RECORDED_ELSEWHERE' });
  });

  itHolds('is not removed while an agent runs in it by another path', async (stage) => {
    const { clone, folder, at } = stage;
    const worktrees = await at(clone, folder);
    await worktrees.ensure(making(folder));
    await mkdir(path.join(folder, 'deep'));
    const agent = spawn('sleep', ['300'], {
      cwd: path.join(twinOf(stage, folder), 'deep'),
      env: { ...process.env, [MARK_VARIABLE]: 'x'.repeat(32) },
      stdio: 'ignore',
    });
    await once(agent, 'spawn');
    try {
      await assert.rejects(worktrees.remove(folder, 'gone'), { code: 'WORKTREE_IN_USE' });
      assert.equal(existsSync(folder), true);
    } finally {
      agent.kill('SIGKILL');
      await once(agent, 'exit');
    }
    await worktrees.remove(folder, 'gone');
    assert.equal(existsSync(folder), false);
  });

  itHolds('over which a disk is mounted is neither forgotten nor made again', async ({ clone, folder, at }) => {
    const worktrees = await at(clone, folder);
    await worktrees.ensure(making(folder));
    await writeFile(path.join(folder, 'loose.txt'), 'loose');
    for (const over of [folder, path.dirname(folder), path.dirname(path.dirname(folder))]) {
      await mountMemory(over);
      await assert.rejects(worktrees.ensure(making(folder)), { code: 'WORKTREE_UNSEEN' }, over);
      await assert.rejects(worktrees.remove(folder, 'gone'), { code: 'WORKTREE_UNSEEN' }, over);
      await unmount(over);
      assert.equal(await worktrees.ensure(making(folder)), false);
      assert.equal(await readFile(path.join(folder, 'loose.txt'), 'utf8'), 'loose');
    }
  });

  itHolds('is not made where a disk is mounted that holds files', async ({ clone, folder, at }) => {
    const worktrees = await at(clone, folder);
    await mkdir(folder, { recursive: true });
    await mountMemory(folder);
    await writeFile(path.join(folder, 'mine.txt'), 'mine');
    for (let round = 0; round < 2; round += 1) await assert.rejects(worktrees.ensure(making(folder)));
    assert.deepEqual(await readdir(folder), ['mine.txt']);
    await unmount(folder);
    assert.equal(await worktrees.ensure(making(folder)), true);
  });

  itHolds('of a repository on a disk that is mounted read-only is refused with that cause', async (stage) => {
    const { parent, at } = stage;
    const disk = path.join(path.dirname(parent), 'fixed');
    await mkdir(disk);
    await mountMemory(disk);
    const clone = path.join(disk, 'clone');
    await createRepository(clone, PARCEL_API);
    const folder = path.join(parent, 'worktrees', 'parcels', 'work');
    const worktrees = await at(clone, folder);
    await remountReadOnly(disk);
    try {
      await assert.rejects(worktrees.ensure(making(folder)), { code: 'GIT_ACCESS_REFUSED' });
      assert.equal(existsSync(folder), false);
    } finally {
      await unmount(disk);
    }
  });

  itHolds('has one identity at both of its paths', async (stage) => {
    const { parent, clone } = stage;
    assert.ok(await isSameFile(clone, twinOf(stage, clone)));
    assert.ok(await isFileInside(parent, twinOf(stage, clone)));
    assert.ok(await isFileInside(clone, path.join(twinOf(stage, clone), '.git')));
    assert.equal(await isFileInside(clone, twinOf(stage, clone)), false);
  });
});
