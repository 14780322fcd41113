/** Git's own files of a repository that are elsewhere, or that end its history: what an agent writes there decides nothing. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, realpath, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git as plainGit } from '../../../scripts/demo/repositories';
import { withOwnView } from '../../../src/host/git/view/ownView';
import { Repository } from '../../../src/host/git/repository';
import { askSubmoduleRemote } from '../../../src/host/git/nested/submoduleRemotes';
import { sha } from '../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../../support/git';
import { commitIn, makeRepository } from '../../support/tasks/nested';
import { isCode } from '../../support/projects';

describe('files of git that are in another folder', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let store: string;
  let first: string;
  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-apart-')));
    clone = path.join(parent, 'clone');
    store = path.join(parent, 'store.git');
    first = await makeRepository(clone);
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const repository = async (): Promise<Repository> => new Repository(testGit(), await gitFolder(clone));
  const topOf = async (): Promise<string | undefined> => Repository.topOf(testGit(), await gitFolder(clone));
  const entry = (): string => path.join(clone, '.git');
  const names = (tree: string): Promise<string> =>
    plainGit(parent, ['config', '--file', path.join(store, 'config'), 'core.worktree', tree]);

  it('are used once they name the working tree, and no other tree may lead to them then', async () => {
    await rename(entry(), store);
    for (const lead of [() => symlink(store, entry()), () => writeFile(entry(), `gitdir: ${store}\n`)]) {
      await rm(entry(), { force: true });
      await lead();
      await assert.rejects(topOf(), isCode('GIT_FILES_APART'));
      await names(clone);
      assert.equal(await topOf(), clone);
      await names(parent);
      await assert.rejects(topOf(), isCode('RECORDED_ELSEWHERE'));
      await plainGit(parent, ['config', '--file', path.join(store, 'config'), '--unset', 'core.worktree']);
    }
  });

  it('are not used where they are those of another working tree, or of a linked one', async () => {
    const victim = path.join(parent, 'victim');
    await makeRepository(victim);
    await plainGit(victim, ['worktree', 'add', '--quiet', path.join(parent, 'linked')]);
    await rm(entry(), { recursive: true });
    for (const place of [path.join(victim, '.git'), path.join(victim, '.git', 'worktrees', 'linked')]) {
      await symlink(place, entry());
      await assert.rejects(topOf(), isCode('RECORDED_ELSEWHERE'));
      await unlink(entry());
    }
  });

  it('name no main working tree that does not lead to them', async () => {
    const victim = path.join(parent, 'victim');
    const linked = path.join(parent, 'linked');
    await makeRepository(victim);
    await plainGit(clone, ['worktree', 'add', '--quiet', linked]);
    await plainGit(clone, ['config', 'core.worktree', victim]);
    const inLinked = new Repository(testGit(), await gitFolder(linked));
    assert.deepEqual(
      (await inLinked.worktrees()).map((tree) => tree.path),
      [clone, linked],
    );
  });

  it('end no history that is there', async () => {
    const second = await commitIn(clone, 'second.txt');
    await writeFile(path.join(entry(), 'shallow'), `${second}\n`);
    const isAncestor = await withOwnView(await repository(), (view) =>
      view.isAncestor(sha.parse(first), sha.parse(second)),
    );
    assert.equal(isAncestor, true);
  });

  it('end a history whose start is missing', async () => {
    const second = await commitIn(clone, 'second.txt');
    const shallow = path.join(parent, 'shallow');
    await plainGit(parent, ['clone', '--quiet', '--depth=1', `file://${clone}`, shallow]);
    const short = new Repository(testGit(), await gitFolder(shallow));
    const history = await withOwnView(short, (view) => view.run(['rev-list', '--end-of-options', second]));
    assert.equal(history, second);
  });

  it('are not served by a remote of a submodule that would fetch what it lacks', async () => {
    const question = { address: clone, commit: sha.parse(first), tree: path.join(parent, 'tree') };
    const answer = async (): Promise<string> => (await askSubmoduleRemote(await repository(), question)).kind;
    await rename(entry(), store);
    await writeFile(entry(), `gitdir: ${store}\n`);
    await names(clone);
    assert.equal(await answer(), 'has');
    await appendFile(path.join(store, 'config'), '[remote "evil"]\n\tpromisor = true\n');
    assert.equal(await answer(), 'unreachable');
  });
});
