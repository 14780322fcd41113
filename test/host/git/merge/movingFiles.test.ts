/** A merge into a branch that is checked out: whole, or not at all, whatever breaks it, with every change of the person. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../../scripts/demo/repositories';
import { mergeInto } from '../../../../src/host/git/merge/landedMerge';
import { repairMerges } from '../../../../src/host/git/merge/movingFiles';
import { Repository } from '../../../../src/host/git/repository';
import { timeLimits } from '../../../../src/host/git/config/timeLimits';
import { sha, type Sha } from '../../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../../../support/git';

const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };
const PROGRAM = path.resolve(__dirname, '../../../support/tasks/mergeProgram.js');
/** How often the filter runs for one merge: for each file once beside, and once in the tree. */
const FILES = ['a.big', 'sub/b.big', 'sub/deep/c.big'];
/** Linux shows which program waited. */
const WAITED = process.platform === 'linux' ? 'GIT_PROGRAM_WAITED' : 'GIT_TIMEOUT';

describe('a merge into a branch that is checked out', function () {
  this.timeout(120_000);
  let parent: string;
  let clone: string;
  let home: string;
  let head: Sha;
  let base: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-move-')));
    [clone, home] = [path.join(parent, 'clone'), path.join(parent, 'home')];
    await createRepository(clone, PARCEL_API);
    await mkdir(home);
    await write('.gitattributes', '*.big filter=slow\n');
    await write('a.big', 'old a');
    await write('gone.txt', 'gone');
    await write('folder/file.txt', 'in a folder');
    await symlink('README.md', path.join(clone, 'link'));
    await commit('Files');
    await run('checkout', '--quiet', '-b', 'work');
    for (const name of FILES) await write(name, `new ${name}`.repeat(100));
    await rm(path.join(clone, 'gone.txt'));
    await rm(path.join(clone, 'folder'), { recursive: true });
    await write('folder', 'no folder');
    await rm(path.join(clone, 'link'));
    await symlink('package.json', path.join(clone, 'link'));
    await commit('Work');
    head = sha.parse(await run('rev-parse', 'HEAD'));
    await run('checkout', '--quiet', 'main');
    // What a person has not committed: a change, a new file, a staged file, and a file that is ignored.
    await write('README.md', 'mine\n');
    await write('sub/mine.txt', 'mine\n');
    await write('staged.txt', 'staged\n');
    await run('add', 'staged.txt');
    base = await run('rev-parse', 'main');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function run(...args: readonly string[]): Promise<string> {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    return (await plainGit(clone, [...identity, ...args])).trim();
  }

  async function write(name: string, text: string): Promise<void> {
    await mkdir(path.dirname(path.join(clone, name)), { recursive: true });
    await writeFile(path.join(clone, name), text);
  }

  async function commit(message: string): Promise<void> {
    await run('add', '--all');
    await run('commit', '--quiet', '--message', message);
  }

  /** A filter of the person, which runs `more` with the number of its run in $n. */
  async function filter(more: string): Promise<NodeJS.ProcessEnv> {
    const program = path.join(parent, 'filter.sh');
    const count = path.join(parent, 'count');
    await writeFile(
      program,
      `#!/bin/sh\nn=$(($(cat ${count} 2>/dev/null || echo 0) + 1)); echo $n > ${count}\n${more}\ncat\n`,
    );
    await chmod(program, 0o755);
    const config = ['config', '--file', path.join(home, '.gitconfig')];
    await plainGit(home, [...config, 'filter.slow.smudge', program]);
    await plainGit(home, [...config, 'filter.slow.clean', 'cat']);
    await plainGit(home, [...config, 'filter.slow.required', 'true']);
    return { ...process.env, HOME: home };
  }

  async function repositoryWith(environment: NodeJS.ProcessEnv, checkout = 0): Promise<Repository> {
    const limits = { ...timeLimits(600), checkout };
    return new Repository(testGit({ environment, limits: () => limits }), await gitFolder(clone));
  }

  const merge = (repository: Repository): Promise<Sha> =>
    mergeInto(repository, { branch: 'main', head, name: 'work', message: 'Merge work', identity: IDENTITY });

  async function everything(): Promise<Readonly<Record<string, string>>> {
    const entries = await readdir(clone, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes(`${path.sep}.git`));
    const texts = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
      const file = path.join(parentPath, name);
      return [path.relative(clone, file), await readFile(file, 'utf8')];
    });
    return Object.fromEntries((await Promise.all(texts)).sort());
  }

  const leftBehind = (): string[] =>
    ['index.lock', 'intercore-merge'].filter((name) => existsSync(path.join(clone, '.git', name)));

  async function isMerged(): Promise<void> {
    assert.notEqual(await run('rev-parse', 'main'), base);
    assert.equal(await run('status', '--porcelain'), 'M README.md\nA  staged.txt\n?? sub/mine.txt');
    assert.equal(await readFile(path.join(clone, 'README.md'), 'utf8'), 'mine\n');
    assert.equal(await readFile(path.join(clone, 'sub/deep/c.big'), 'utf8'), 'new sub/deep/c.big'.repeat(100));
    assert.deepEqual(leftBehind(), []);
  }

  it('takes the files along and leaves what is not committed', async () => {
    await merge(await repositoryWith(await filter('')));
    await isMerged();
  });

  it('changes nothing where a filter fails, and can be repeated', async () => {
    const before = [await everything(), await run('status', '--porcelain')];
    for (const run_ of [2, FILES.length + 2]) {
      await rm(path.join(parent, 'count'), { force: true });
      await assert.rejects(merge(await repositoryWith(await filter(`[ $n = ${run_} ] && exit 1`))));
      assert.deepEqual([await everything(), await run('status', '--porcelain')], before);
      assert.deepEqual({ main: await run('rev-parse', 'main'), left: leftBehind() }, { main: base, left: [] });
    }
    await merge(await repositoryWith(await filter('')));
    await isMerged();
  });

  it('changes nothing where a filter hangs in the tree, and can be repeated', async () => {
    const before = [await everything(), await run('status', '--porcelain')];
    const hanging = await repositoryWith(await filter(`[ $n = ${FILES.length + 2} ] && sleep 30`), 2500);
    await assert.rejects(merge(hanging), { code: WAITED });
    assert.deepEqual([await everything(), await run('status', '--porcelain')], before);
    assert.deepEqual({ main: await run('rev-parse', 'main'), left: leftBehind() }, { main: base, left: [] });
    await merge(await repositoryWith(await filter('')));
    await isMerged();
  });

  it('replaces no file that is in its way and not known to git', async () => {
    await write('sub/b.big', 'mine');
    await assert.rejects(merge(await repositoryWith(await filter(''))), { code: 'GIT_FAILED', message: /sub\/b\.big/ });
    assert.equal(await readFile(path.join(clone, 'sub/b.big'), 'utf8'), 'mine');
    assert.deepEqual({ main: await run('rev-parse', 'main'), left: leftBehind() }, { main: base, left: [] });
  });

  for (const point of [1, FILES.length + 1, FILES.length + 2, FILES.length * 2]) {
    it(`is undone when the process and its git are killed at file ${point}, and can be repeated`, async () => {
      const before = [await everything(), await run('status', '--porcelain')];
      const pid = path.join(parent, 'pid');
      const environment = await filter(`[ $n = ${point} ] && kill -9 $(cat ${pid}) $PPID`);
      const child = spawn(process.execPath, [PROGRAM, clone, head, pid], { env: environment, stdio: 'ignore' });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      assert.equal(signal, 'SIGKILL');
      const repository = await repositoryWith(await filter(''));
      await write('sub/later.txt', 'later');
      await repairMerges(repository);
      const after = await everything();
      assert.equal(after['sub/later.txt'], 'later');
      await rm(path.join(clone, 'sub/later.txt'));
      assert.deepEqual([await everything(), await run('status', '--porcelain')], before);
      assert.deepEqual({ main: await run('rev-parse', 'main'), left: leftBehind() }, { main: base, left: [] });
      await merge(repository);
      await isMerged();
    });
  }

  it('keeps what a person writes into a file between a kill and the repair', async () => {
    const pid = path.join(parent, 'pid');
    const environment = await filter(`[ $n = ${FILES.length + 3} ] && kill -9 $(cat ${pid}) $PPID`);
    await once(spawn(process.execPath, [PROGRAM, clone, head, pid], { env: environment, stdio: 'ignore' }), 'exit');
    await write('a.big', 'written after the crash');
    await repairMerges(await repositoryWith(await filter('')));
    assert.equal(await readFile(path.join(clone, 'a.big'), 'utf8'), 'written after the crash');
    assert.equal(await readFile(path.join(clone, 'gone.txt'), 'utf8'), 'gone');
    assert.deepEqual(leftBehind(), []);
  });

  it('is undone by nothing that a repository brings: names lead nowhere but into the tree', async () => {
    const notes = path.join(clone, '.git', 'intercore-merge');
    const victim = path.join(parent, 'victim.txt');
    await writeFile(victim, 'new');
    await mkdir(path.join(notes, 'after'), { recursive: true });
    await mkdir(path.join(notes, 'before'));
    await writeFile(path.join(notes, 'before', '0'), 'evil');
    await writeFile(path.join(notes, 'before', '1'), 'evil');
    const files = ['../victim.txt', '.git/config'].map((name) => ({ name, kind: 'file' }));
    await writeFile(path.join(notes, 'journal.json'), JSON.stringify({ branch: 'main', from: base, to: head, files }));
    const config = await readFile(path.join(clone, '.git', 'config'), 'utf8');
    await repairMerges(await repositoryWith(process.env));
    assert.equal(await readFile(victim, 'utf8'), 'new');
    assert.equal(await readFile(path.join(clone, '.git', 'config'), 'utf8'), config);
  });
});
