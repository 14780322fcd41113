/** Programs that a repository's own configuration and attributes name: none is run, whatever we do in it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { Git } from '../../../src/host/git/git';
import { mergeInto } from '../../../src/host/git/merge/landedMerge';
import { Repository } from '../../../src/host/git/repository';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { KernelError } from '../../../src/kernel/errors/errors';
import { refName, sha } from '../../../src/kernel/text/gitNames';
import { gitFolder, testGit, testPlaces } from '../../support/git';
import { isCode } from '../../support/projects';

/** Keys by which git's documentation lets a configuration name a program; `%` stands for the program. */
const KEYS: readonly (readonly [string, string])[] = [
  ...['core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'core.askPass', 'core.alternateRefsCommand'],
  ...['sequence.editor', 'diff.external', 'diff.evil.command', 'diff.evil.textconv', 'merge.evil.driver'],
  ...['filter.evil.clean', 'filter.evil.smudge', 'filter.evil.process', 'gpg.program', 'gpg.ssh.program'],
  ...['gpg.ssh.defaultKeyCommand', 'remote.origin.uploadpack', 'remote.origin.receivepack', 'credential.helper'],
  ...['uploadpack.packObjectsHook', 'trailer.evil.command', 'interactive.diffFilter', 'pager.log', 'pager.status'],
].map((key) => [key, '%'] as const);
const SWITCHES: readonly (readonly [string, string])[] = [
  ...(['commit.gpgSign', 'log.showSignature', 'filter.evil.required', 'submodule.recurse'] as const).map(
    (key) => [key, 'true'] as const,
  ),
  ['protocol.ext.allow', 'always'],
];

describe('a repository whose configuration names programs', function () {
  this.timeout(120_000);
  let parent: string;
  let clone: string;
  let canary: string;
  let program: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-config-')));
    clone = path.join(parent, 'clone');
    canary = path.join(parent, 'was-run');
    program = path.join(parent, 'evil.sh');
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >> ${canary}\ncat\n`);
    await chmod(program, 0o755);
    await createRepository(clone, PARCEL_API);
    await writeFile(path.join(clone, '.gitattributes'), '* filter=evil diff=evil merge=evil\n');
    await plainGit(clone, ['add', '--all']);
    await plainGit(clone, ['commit', '--quiet', '--message', 'Attributes']);
    await plainGit(clone, ['remote', 'add', 'origin', clone]);
    const hooks = path.join(clone, '.git', 'hooks');
    for (const hook of ['post-checkout', 'reference-transaction', 'post-merge', 'post-index-change']) {
      await mkdir(hooks, { recursive: true });
      await writeFile(path.join(hooks, hook), `#!/bin/sh\n${program} ${hook}\n`);
      await chmod(path.join(hooks, hook), 0o755);
    }
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const configure = async (): Promise<void> => {
    for (const [key, value] of [...KEYS, ...SWITCHES]) {
      await plainGit(clone, ['config', key, value.replace('%', program)]);
    }
  };

  it('runs none of them: to look, compare, keep, make and remove worktrees, merge and fetch', async () => {
    await configure();
    const git = testGit();
    const repository = new Repository(git, await gitFolder(clone));
    const worktrees = new Worktrees(repository, path.join(parent, 'worktrees', 'parcels'));
    const baseSha = (await repository.commitOf('main')) ?? assert.fail();
    const tree = path.join(parent, 'worktrees', 'parcels', 'work');
    await worktrees.add({ folder: tree, branch: 'work', baseSha });
    await writeFile(path.join(tree, 'README.md'), 'changed');
    await writeFile(path.join(tree, 'new.txt'), 'new');
    const place = await gitFolder(tree);
    await repository.uncommitted(place);
    await git.run(place, ['diff', '--name-status', '-z', '--end-of-options', baseSha]);
    await git.run(place, ['diff', '--end-of-options', baseSha]);
    await git.run(place, ['show', '--end-of-options', 'HEAD']);
    await git.run(place, ['log', '--end-of-options', 'HEAD']);
    await git.run(place, ['ls-files', '--others', '--exclude-standard', '-z']);
    const snapshot = await worktrees.remove(tree, 'snap0001');
    assert.ok(snapshot);
    await worktrees.addDetached(tree, baseSha);
    await worktrees.bringBack(tree, snapshot.sha);
    await git.run(place, ['add', '--all']);
    const identity = { name: 'Ada', email: 'ada@example.com' };
    await mergeInto(repository, {
      name: 'work',
      branch: refName.parse('main'),
      head: sha.parse(snapshot.sha),
      message: 'Merge',
      identity,
    }).catch(onlyGit);
    await git.run(repository.folder, ['fetch', '--quiet', '--', 'origin']).catch(onlyGit);
    await repository.remotes();
    await repository.unpushedRefs();
    assert.equal(existsSync(canary) ? await readFile(canary, 'utf8') : '', '');
  });

  it('runs no transport of its choice, and no program of a file that it includes', async () => {
    const git = testGit();
    const folder = await gitFolder(clone);
    await plainGit(clone, ['config', 'protocol.ext.allow', 'always']);
    await plainGit(clone, ['config', 'remote.origin.url', `ext::${program} %S`]);
    await assert.rejects(git.run(folder, ['fetch', '--quiet', '--', 'origin']), isCode('GIT_FAILED'));
    await writeFile(
      path.join(clone, 'included'),
      `[core]\n\tfsmonitor = ${program}\n[diff]\n\texternal = ${program}\n`,
    );
    await plainGit(clone, ['config', 'include.path', path.join(clone, 'included')]);
    await git.run(folder, ['diff', '--end-of-options', 'HEAD~1']);
    await appendFile(path.join(clone, 'included'), `[filter "evil"]\n\tclean = ${program}\n`);
    await writeFile(path.join(clone, 'README.md'), 'changed');
    await git.run(folder, ['status', '--porcelain', '-z']);
    assert.equal(existsSync(canary), false);
  });

  it('runs for Git LFS what `git lfs install --local` writes, and nothing besides', async () => {
    await writeFile(path.join(clone, '.gitattributes'), '*.bin filter=lfs\n');
    await writeFile(path.join(clone, 'big.bin'), 'big');
    const add = async (...settings: readonly (readonly [string, string])[]): Promise<void> => {
      const file = path.join(clone, '.git', 'config');
      const before = await readFile(file, 'utf8');
      for (const [key, value] of settings) await plainGit(clone, ['config', key, value]);
      await testGit()
        .run(await gitFolder(clone), ['add', '--all'])
        .catch(() => undefined);
      await writeFile(file, before);
      assert.equal(existsSync(canary) ? await readFile(canary, 'utf8') : '', '', String(settings));
    };
    const clean = ['filter.lfs.clean', 'git-lfs clean -- %f'] as const;
    const smudge = ['filter.lfs.smudge', 'git-lfs smudge -- %f'] as const;
    await add(['filter.lfs.clean', `git-lfs clean -- %f; ${program}`], smudge);
    await add(['filter.lfs.clean', 'git lfs clean -- %f'], ['alias.lfs', `!${program}`]);
    await add(clean, ['filter.lfs.process', program]);
    await add(clean, ['lfs.extension.evil.clean', program], ['lfs.extension.evil.smudge', program]);
    await add(clean, ['lfs.standalonetransferagent', 'evil'], ['lfs.customtransfer.evil.path', program]);
  });

  it('works in no other folder that its configuration or its .git names', async () => {
    const git = testGit();
    const victim = path.join(parent, 'victim');
    await createRepository(victim, PARCEL_API);
    await plainGit(clone, ['config', 'core.worktree', victim]);
    await assert.rejects(git.run(await gitFolder(clone), ['status']), isCode('RECORDED_ELSEWHERE'));
    const hostile = path.join(parent, 'hostile');
    await mkdir(hostile);
    await writeFile(path.join(hostile, '.git'), `gitdir: ${path.join(victim, '.git')}\n`);
    await assert.rejects(git.run(await gitFolder(hostile), ['status']), isCode('RECORDED_ELSEWHERE'));
    await rm(path.join(hostile, '.git'));
    await rename(path.join(clone, '.git'), path.join(hostile, '.git'));
    await writeFile(path.join(hostile, '.git', 'commondir'), path.join(victim, '.git'));
    await assert.rejects(git.run(await gitFolder(hostile), ['status']), isCode('RECORDED_ELSEWHERE'));
  });

  it('is not touched in a window that is not trusted', async () => {
    const git = new Git({ trusted: () => false, places: testPlaces() });
    await configure();
    await assert.rejects(git.run(await gitFolder(clone), ['status']), isCode('UNTRUSTED'));
    await assert.rejects(git.ask(await gitFolder(clone), ['status']), isCode('UNTRUSTED'));
    assert.equal(existsSync(canary), false);
  });

  it('gets no option that is not one of ours', async () => {
    const git = testGit();
    const output = path.join(parent, 'output');
    for (const value of [`--output=${output}`, '--ext-diff', '--textconv', '-O/etc/passwd', '--upload-pack=x', '-c']) {
      await assert.rejects(git.run(await gitFolder(clone), ['diff', value]), isCode('INVALID_ARGUMENT'));
    }
    assert.equal(existsSync(output), false);
  });
});

function onlyGit(error: unknown): void {
  if (!KernelError.is(error, 'GIT_FAILED') && !KernelError.is(error, 'MERGE_CONFLICT')) throw error;
}
