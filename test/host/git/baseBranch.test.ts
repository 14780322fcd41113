/** The base branch on this machine: moved by compare-and-swap only, with exactly the commit that it is given. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { Git } from '../../../src/host/git/git';
import { mergeInto, type Landing } from '../../../src/host/git/merge/landedMerge';
import { Repository } from '../../../src/host/git/repository';
import { FolderRegistry } from '../../../src/host/trusted/folderRegistry';
import { TrustedFolders } from '../../../src/host/trusted/trustedFolders';
import { KernelError } from '../../../src/kernel/errors/errors';
import { gitFolder, testGit, testPlaces } from '../../support/git';
import { sha, type Sha } from '../../../src/kernel/text/gitNames';
import { defined } from '../../../src/kernel/defined';

const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };

describe('the base branch', function () {
  this.timeout(60_000);
  let clone: string;
  let parent: string;
  let head: Sha;
  let repository: Repository;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-base-')));
    clone = path.join(parent, 'clone');
    await createRepository(clone, PARCEL_API);
    repository = new Repository(testGit(), await gitFolder(clone));
    await run('checkout', '--quiet', '-b', 'work');
    head = await commit('new.txt', 'real');
    await run('checkout', '--quiet', 'main');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function run(...args: readonly string[]): Promise<string> {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    return (await plainGit(clone, [...identity, ...args])).trim();
  }

  async function commit(name: string, text: string): Promise<Sha> {
    await writeFile(path.join(clone, name), text);
    await run('add', '--all');
    await run('commit', '--quiet', '--message', `Change ${name}`);
    return sha.parse(await run('rev-parse', 'HEAD'));
  }

  /** Moves main as a person elsewhere would. */
  async function moveMain(): Promise<Sha> {
    const made = sha.parse(await run('commit-tree', 'main^{tree}', '-p', 'main', '-m', 'More'));
    await run('update-ref', 'refs/heads/main', made);
    return made;
  }

  /** A git that runs a step of another program just before our command, a number of times. */
  function racing(command: string, times: number, act: () => Promise<unknown>): Repository {
    let left = times;
    class RacingGit extends Git {
      override async run(...args: Parameters<Git['run']>): Promise<string> {
        if (args[1][0] === command && left > 0) {
          left -= 1;
          await act();
        }
        return super.run(...args);
      }
    }
    return new Repository(new RacingGit({ trusted: () => true, places: testPlaces() }), repository.folder);
  }

  const merge = (where = repository, landing?: Landing): Promise<Sha> => {
    const rest = { message: 'Merge work', identity: IDENTITY, ...defined({ landing }) };
    return mergeInto(where, { branch: 'main', head, name: 'work', ...rest });
  };
  const holds = async (commitId: string): Promise<boolean> => {
    return (await run('rev-list', '--max-count=1', commitId, '^main')) === '';
  };

  for (const [what, command] of Object.entries({ 'is computed': 'commit-tree', 'is stored': 'update-ref' })) {
    it(`keeps what others commit while a merge ${what}`, async () => {
      await run('checkout', '--quiet', '--detach');
      const theirs: Sha[] = [];
      const merged = await merge(racing(command, 2, async () => theirs.push(await moveMain())));
      assert.equal(await run('rev-parse', 'main'), merged);
      assert.equal(theirs.length, 2);
      for (const each of [...theirs, head]) assert.equal(await holds(each), true);
    });
  }

  it('moves with its files where another name of it is the base', async () => {
    await run('branch', '--move', 'main', 'trunk');
    await run('symbolic-ref', 'refs/heads/main', 'refs/heads/trunk');
    const merged = await merge();
    assert.equal(await run('rev-parse', 'trunk'), merged);
    assert.equal(await run('status', '--porcelain'), '');
    assert.equal(await readFile(path.join(clone, 'new.txt'), 'utf8'), 'real');
  });

  it('is not moved over an ignored file of the person, nor over a folder with one', async () => {
    const before = await run('rev-parse', 'main');
    await writeFile(path.join(clone, '.git', 'info', 'exclude'), '*.log\nnew.txt\n');
    const refusedFor = async (...places: readonly string[]): Promise<void> => {
      await mkdir(path.dirname(path.join(clone, ...places)), { recursive: true });
      await writeFile(path.join(clone, ...places), 'mine');
      await assert.rejects(merge(), { code: 'GIT_FAILED', message: new RegExp(places.join('/')) });
      assert.equal(await readFile(path.join(clone, ...places), 'utf8'), 'mine');
      assert.equal(await run('rev-parse', 'main'), before);
      await rm(path.join(clone, places[0] ?? ''), { recursive: true });
    };
    await refusedFor('new.txt');
    await refusedFor('new.txt', 'mine.log');
    await merge();
  });

  it('moves in a linked worktree of the person that no record names, and in none that another user can change', async () => {
    await run('checkout', '--quiet', '-b', 'mine');
    const linked = path.join(parent, 'linked');
    await run('worktree', 'add', '--quiet', linked, 'main');
    const registry = new FolderRegistry(path.join(parent, 'places.json'));
    const places = new TrustedFolders({ folders: () => [clone], storages: () => [], registry });
    const alone = new Repository(new Git({ trusted: () => true, places }), await places.gitFolder(clone));
    await chmod(linked, 0o777);
    await assert.rejects(merge(alone), { code: 'LOCATION_REFUSED' });
    await chmod(linked, 0o755);
    await merge(alone);
    assert.equal(await readFile(path.join(linked, 'new.txt'), 'utf8'), 'real');
    assert.equal(await plainGit(linked, ['status', '--porcelain']), '');
    assert.equal(await places.isKnown(linked), false);
  });

  it('is not moved from where it was when others set it back, and its files are theirs', async () => {
    const dropped = await commit('dropped.txt', 'dropped');
    const merged = await merge(racing('read-tree', 1, () => run('reset', '--quiet', '--hard', `${dropped}~1`)));
    assert.equal(await run('rev-parse', 'main'), merged);
    assert.deepEqual(
      { holdsDropped: await holds(dropped), holdsHead: await holds(head) },
      { holdsDropped: false, holdsHead: true },
    );
    assert.equal(await run('status', '--porcelain'), '');
  });

  it('keeps a commit that appears on it while its files change', async () => {
    const theirs: Sha[] = [];
    const merged = await merge(racing('update-ref', 1, async () => theirs.push(await moveMain())));
    assert.equal(await run('rev-parse', 'main'), merged);
    assert.deepEqual(
      { holdsFirstTheirs: await holds(theirs[0] ?? ''), holdsHead: await holds(head) },
      { holdsFirstTheirs: true, holdsHead: true },
    );
    assert.equal(await run('status', '--porcelain'), '');
  });

  it('lets no other git work on the index while its files change', async () => {
    const reset = (): Promise<void> => assert.rejects(run('reset', '--quiet', '--hard', 'main~1'), /index\.lock/);
    await merge(racing('update-ref', 1, reset));
    assert.equal(await run('status', '--porcelain'), '');
  });

  it('stays where it is when it keeps moving', async () => {
    await run('checkout', '--quiet', '--detach');
    await assert.rejects(merge(racing('commit-tree', 100, moveMain)), { code: 'BASE_MOVED' });
    assert.equal(await holds(head), false);
  });

  it('holds our own merge, and not that of another program', async () => {
    const announced: Sha[] = [];
    const announce = (made: Sha): Promise<void> => {
      announced.push(made);
      return Promise.resolve();
    };
    const merged = await merge(undefined, { announced: null, announce });
    assert.deepEqual(announced, [merged]);
    assert.equal(await merge(undefined, { announced: merged, announce }), merged);
    await assert.rejects(merge(undefined, { announced: null, announce }), (error) =>
      KernelError.is(error, 'BASE_HOLDS_WORK'),
    );
  });

  it('takes in what a commit contains, and not what replaces it', async () => {
    await run('checkout', '--quiet', '-b', 'other', 'main');
    const other = await commit('new.txt', 'other');
    await run('checkout', '--quiet', 'main');
    await run('replace', head, other);
    await merge();
    assert.equal(await run('--no-replace-objects', 'show', 'main:new.txt'), 'real');
    assert.equal(await readFile(path.join(clone, 'new.txt'), 'utf8'), 'real');
  });

  it('is merged with the attributes of the base, and never by a program of the clone', async () => {
    await commit('.gitattributes', 'new.txt merge=mine\nREADME.md merge=union\n');
    await commit('README.md', 'ours\n');
    await run('checkout', '--quiet', 'work');
    head = await commit('README.md', 'theirs\n');
    await run('checkout', '--quiet', 'main');
    await run('config', 'merge.mine.driver', `touch ${path.join(parent, 'ran')}`);
    await commit('new.txt', 'ours\n');
    await assert.rejects(merge(), { code: 'MERGE_CONFLICT', message: /new\.txt\.$/ });
    await assert.rejects(readFile(path.join(parent, 'ran')), { code: 'ENOENT' });
  });
});
