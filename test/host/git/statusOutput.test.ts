/** What git prints about changed files, read back with real git and names of every kind. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { Repository } from '../../../src/host/git/repository';
import { parseNameStatus, parseStatus, STATUS_FLAGS, type StatusEntry } from '../../../src/host/git/statusOutput';
import { gitFolder, testGit } from '../../support/git';

const NAMES = ['plain.txt', 'two words.txt', ' leading', '"quoted".txt', 'line\nbreak.txt', 'tab\t.txt', 'é ü.txt'];

describe('what git prints about changed files', function () {
  this.timeout(60_000);
  let clone: string;
  let repository: Repository;

  beforeEach(async () => {
    clone = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-status-')));
    await createRepository(clone, PARCEL_API);
    repository = new Repository(testGit(), await gitFolder(clone));
  });
  afterEach(() => rm(clone, { recursive: true, force: true }));

  async function run(...args: readonly string[]): Promise<void> {
    await plainGit(clone, ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args]);
  }

  async function status(...more: readonly string[]): Promise<StatusEntry[]> {
    return parseStatus(await plainGit(clone, ['status', ...STATUS_FLAGS, ...more]));
  }

  async function commit(files: Readonly<Record<string, string>>, message: string): Promise<void> {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(clone, name), text);
    await run('add', '--all');
    await run('commit', '--quiet', '--message', message);
  }

  it('names a renamed file that is not committed by its new name', async () => {
    await commit({ 'src.txt': 'one\ntwo\nthree\n' }, 'A file');
    await run('mv', 'src.txt', 'helper.ts');
    assert.deepEqual(await repository.uncommitted(repository.folder), ['helper.ts']);
    const [entry] = await status();
    assert.deepEqual(
      { kind: entry?.kind, path: entry?.path, previous: entry?.previous, index: entry?.index },
      { kind: 'renamed', path: 'helper.ts', previous: 'src.txt', index: 'R' },
    );
  });

  it('names every changed, new and renamed file, whatever characters its name has', async () => {
    await commit(Object.fromEntries(NAMES.map((name) => [name, `${name}\n`.repeat(9)])), 'Names');
    for (const name of NAMES) await rename(path.join(clone, name), path.join(clone, `${name}!`));
    await run('add', '--all');
    const found = await status('--renames');
    assert.deepEqual(
      found.map((entry) => [entry.previous, entry.path]).sort(),
      NAMES.map((name) => [name, `${name}!`]).sort(),
    );
    await run('reset', '--quiet', '--hard');
    for (const name of NAMES) await writeFile(path.join(clone, name), 'changed');
    for (const name of NAMES) await writeFile(path.join(clone, `${name}.new`), 'new');
    const names = (await status('--untracked-files=all')).map((entry) => entry.path);
    assert.deepEqual(names.sort(), [...NAMES, ...NAMES.map((name) => `${name}.new`)].sort());
  });

  it('names a file with bytes that are not UTF-8 once', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${clone}/bad-`), Buffer.from([0xff]), Buffer.from('.txt')]), 'x');
    assert.deepEqual(await repository.uncommitted(repository.folder), ['bad-\uFFFD.txt']);
  });

  it('reports a file in conflict', async () => {
    await commit({ 'both.txt': 'base\n' }, 'Base');
    await run('checkout', '--quiet', '-b', 'other');
    await commit({ 'both.txt': 'theirs\n' }, 'Theirs');
    await run('checkout', '--quiet', 'main');
    await commit({ 'both.txt': 'ours\n' }, 'Ours');
    await run('merge', 'other').catch(() => undefined);
    const [entry] = await status();
    assert.deepEqual(
      { kind: entry?.kind, path: entry?.path, index: entry?.index, worktree: entry?.worktree },
      { kind: 'unmerged', path: 'both.txt', index: 'U', worktree: 'U' },
    );
  });

  it('reports what is changed in a submodule', async () => {
    const inner = path.join(clone, 'inner');
    await createRepository(inner, PARCEL_API);
    await run('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', './inner', 'inner');
    await run('commit', '--quiet', '--message', 'Submodule');
    await writeFile(path.join(inner, 'README.md'), 'changed');
    await writeFile(path.join(inner, 'new.txt'), 'new');
    const [entry] = await status();
    assert.deepEqual(entry?.submodule, { isMoved: false, hasChanges: true, hasUntracked: true });
  });

  it('is read past headers and entries of a later version of git', () => {
    const text = '# branch.oid 1234\0# stash 2\0~ something new\0? new file\0! ignored/\0';
    assert.deepEqual(
      parseStatus(text).map(({ kind, path: name }) => [kind, name]),
      [
        ['untracked', 'new file'],
        ['ignored', 'ignored/'],
      ],
    );
  });

  it('is read where it lists two names of a file', () => {
    assert.deepEqual(parseNameStatus('M\0a\nb\0R090\0old name\0new\0D\0gone\0A\0"x"\0'), [
      { before: 'a\nb', after: 'a\nb' },
      { before: 'old name', after: 'new' },
      { before: 'gone', after: null },
      { before: null, after: '"x"' },
    ]);
  });
});
