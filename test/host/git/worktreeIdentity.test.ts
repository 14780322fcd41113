/** Worktrees that cannot be seen, that were deleted, and that have several paths. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../scripts/demo/repositories';
import { Repository } from '../../../src/host/git/repository';
import { listSnapshots } from '../../../src/host/git/snapshot/snapshots';
import { unseenProblemIn } from '../../../src/host/git/worktree/worktreePresence';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { isSameFile } from '../../../src/host/files/pathIdentity';
import { gitFolder, testGit } from '../../support/git';

describe('a worktree', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let disk: string;
  let repository: Repository;
  let worktrees: Worktrees;
  let folder: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-trees-')));
    clone = path.join(parent, 'clone');
    disk = path.join(parent, 'disk');
    await createRepository(clone, PARCEL_API);
    repository = new Repository(testGit(), await gitFolder(clone));
    const root = path.join(disk, 'worktrees', 'parcels');
    worktrees = new Worktrees(repository, root);
    folder = path.join(root, 'work');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const ensure = (): Promise<boolean> => worktrees.ensure({ folder, branch: 'work', baseSha: 'main' });
  const known = async (): Promise<string[]> => (await repository.worktrees()).map((worktree) => worktree.path);
  const isUnseen = async (): Promise<boolean> =>
    (await unseenProblemIn(folder, () => Promise.resolve(clone))) !== undefined;
  const text = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim();

  async function detachedCommit(tree: string): Promise<string> {
    await git(tree, ['checkout', '--quiet', '--detach']);
    await writeFile(path.join(tree, 'only.txt'), 'only here');
    await git(tree, ['add', '--all']);
    await git(tree, ['commit', '--quiet', '--message', 'Only here']);
    return (await git(tree, ['rev-parse', 'HEAD'])).trim();
  }

  it('of the person on a disk that is not there survives each of our steps', async () => {
    const mine = path.join(parent, 'mounted', 'mine');
    await git(clone, ['worktree', 'add', '--quiet', '-b', 'mine', mine]);
    const commit = await detachedCommit(mine);
    await rename(path.dirname(mine), path.join(parent, 'away'));
    await ensure();
    await worktrees.addDetached(path.join(path.dirname(folder), 'look'), commit);
    await worktrees.remove(path.join(path.dirname(folder), 'look'), 'look');
    await worktrees.remove(folder, 'work');
    await ensure();
    assert.ok((await known()).includes(mine));
    await rename(path.join(parent, 'away'), path.dirname(mine));
    assert.equal((await git(mine, ['rev-parse', 'HEAD'])).trim(), commit);
    assert.equal((await git(mine, ['status', '--porcelain'])).trim(), '');
  });

  for (const [how, hide] of [
    ['whose storage is not there', () => rename(disk, `${disk}.away`)],
    [
      'whose storage is an empty folder now',
      async () => {
        await rename(disk, `${disk}.away`);
        await mkdir(path.dirname(folder), { recursive: true });
      },
    ],
    [
      'whose storage is another one now',
      async () => {
        await rename(disk, `${disk}.away`);
        await new Worktrees(repository, path.dirname(folder)).ensure({
          folder: path.join(path.dirname(folder), 'other'),
          branch: 'other',
          baseSha: 'main',
        });
      },
    ],
    [
      'in whose own place there is an empty folder now',
      async () => {
        await rename(disk, `${disk}.away`);
        await mkdir(path.dirname(path.dirname(folder)), { recursive: true });
        await cp(path.dirname(`${disk}.away/worktrees/parcels/work`), path.dirname(folder), { recursive: true });
        await rm(folder, { recursive: true });
        await mkdir(folder);
      },
    ],
    [
      'above which there is a file',
      async () => {
        await rename(disk, `${disk}.away`);
        await writeFile(disk, '');
      },
    ],
    [
      'to which a link leads nowhere',
      async () => {
        await rename(disk, `${disk}.away`);
        await symlink(path.join(parent, 'nowhere'), disk);
      },
    ],
  ] as const) {
    it(`${how} is neither forgotten nor made again`, async () => {
      await ensure();
      await writeFile(path.join(folder, 'loose.txt'), 'loose');
      await hide();
      await assert.rejects(ensure(), { code: 'WORKTREE_UNSEEN' });
      await assert.rejects(worktrees.remove(folder, 'gone'), { code: 'WORKTREE_UNSEEN' });
      assert.equal(await isUnseen(), true);
      assert.ok((await known()).includes(folder));
      await rm(disk, { recursive: true, force: true });
      await rename(`${disk}.away`, disk);
      assert.equal(await ensure(), false);
      assert.equal(await isUnseen(), false);
      assert.equal(await text(path.join(folder, 'loose.txt')), 'loose');
    });
  }

  it('that a person made in our folder is not ours to remove, whatever its name', async () => {
    await ensure();
    const mine = path.join(path.dirname(folder), 'restored-mine');
    await git(clone, ['worktree', 'add', '--quiet', '-b', 'mine', mine]);
    await worktrees.remove(mine, 'mine');
    assert.equal(existsSync(mine), true);
    await rm(mine, { recursive: true });
    await worktrees.remove(mine, 'mine');
    assert.ok((await known()).includes(mine));
  });

  it('whose folder was deleted is made again from its branch', async () => {
    await ensure();
    await rm(folder, { recursive: true });
    assert.equal(await ensure(), true);
    assert.equal((await git(folder, ['symbolic-ref', '--short', 'HEAD'])).trim(), 'work');
    assert.deepEqual(await listSnapshots(repository), []);
  });

  it('whose folder was deleted leaves its detached commits in a snapshot', async () => {
    await ensure();
    const commit = await detachedCommit(folder);
    await rm(folder, { recursive: true });
    assert.equal(await ensure(), true);
    assert.deepEqual(
      (await listSnapshots(repository)).map(({ id, head }) => ({ id, head })),
      [{ id: 'work', head: commit }],
    );
  });

  it('whose folder was deleted leaves what was staged in a snapshot', async () => {
    await ensure();
    await writeFile(path.join(folder, 'staged.txt'), 'staged');
    await git(folder, ['add', 'staged.txt']);
    await rm(folder, { recursive: true });
    await worktrees.remove(folder, 'removed');
    const [kept] = await listSnapshots(repository);
    assert.equal(await git(clone, ['show', `${kept?.sha ?? ''}:staged.txt`]).then((shown) => shown.trim()), 'staged');
  });

  it('without its link to the repository is put aside with all that is in it', async () => {
    await ensure();
    await writeFile(path.join(folder, 'loose.txt'), 'loose');
    await rm(path.join(folder, '.git'));
    assert.equal(await ensure(), true);
    assert.equal(await text(path.join(`${folder}.kept`, 'loose.txt')), 'loose');
    assert.deepEqual((await known()).sort(), [clone, folder, `${folder}.kept`].sort());
    assert.match(await git(`${folder}.kept`, ['status', '--porcelain']), /^\?\? loose\.txt\s*$/);
  });

  it('is not made of a folder with a repository of its own, which is only moved', async () => {
    await mkdir(folder, { recursive: true });
    await git(folder, ['init', '--quiet']);
    assert.equal(await ensure(), true);
    assert.equal(existsSync(path.join(`${folder}.kept`, '.git', 'HEAD')), true);
    assert.deepEqual((await known()).sort(), [clone, folder].sort());
  });

  describe('that a link leads to', () => {
    let byLink: Worktrees;
    let spelled: string;

    beforeEach(async () => {
      const link = path.join(parent, 'link');
      await mkdir(disk, { recursive: true });
      await symlink(disk, link);
      byLink = new Worktrees(repository, path.join(link, 'worktrees', 'parcels'));
      spelled = path.join(link, 'worktrees', 'parcels', 'work');
    });

    it('is taken as it is, and nothing is put aside', async () => {
      assert.equal(await byLink.ensure({ folder: spelled, branch: 'work', baseSha: 'main' }), true);
      await writeFile(path.join(spelled, 'loose.txt'), 'loose');
      assert.equal(await byLink.ensure({ folder: spelled, branch: 'work', baseSha: 'main' }), false);
      assert.equal(await ensure(), false);
      assert.equal(existsSync(`${spelled}.kept`), false);
      assert.equal(await text(path.join(folder, 'loose.txt')), 'loose');
    });

    it('is removed by each of its paths', async () => {
      for (const [one, made] of [
        [worktrees, spelled],
        [byLink, folder],
        [byLink, `${spelled}/`],
      ] as const) {
        await byLink.ensure({ folder: spelled, branch: 'work', baseSha: 'main' });
        await one.remove(made, 'gone');
        assert.deepEqual(
          { folderExists: existsSync(folder), knownCount: (await known()).length },
          { folderExists: false, knownCount: 1 },
          made,
        );
      }
    });

    it('is not the one that a link in its own place leads to', async () => {
      await ensure();
      const alias = path.join(path.dirname(folder), 'alias');
      await symlink(folder, alias);
      await worktrees.remove(alias, 'alias');
      assert.deepEqual(
        { folderExists: existsSync(folder), knownCount: (await known()).length },
        { folderExists: true, knownCount: 2 },
      );
    });
  });

  it('has one identity, whatever the spelling', async () => {
    await mkdir(path.join(disk, 'a'), { recursive: true });
    await symlink(disk, path.join(parent, 'link'));
    for (const spelling of ['disk/a/', 'disk/../disk/a', 'link/a']) {
      assert.ok(await isSameFile(path.join(disk, 'a'), path.join(parent, spelling)), spelling);
    }
    assert.ok(await isSameFile(path.join(disk, 'none'), path.join(parent, 'link', 'none')));
    assert.equal(await isSameFile(path.join(disk, 'a'), disk), false);
  });
});
