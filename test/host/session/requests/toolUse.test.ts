import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toolUseOf } from '../../../../src/host/session/requests/toolUse';
import { toolCall } from '../../../../src/host/session/connection/protocol';

describe('the use of a tool', () => {
  let root: string;
  let work: string;

  before(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'use-')));
    work = path.join(root, 'work');
    await mkdir(path.join(work, 'src'), { recursive: true });
    await mkdir(path.join(work, '.git'));
    await mkdir(path.join(root, 'work2'));
    await symlink(path.join(root, 'work2'), path.join(work, 'linked'));
    await symlink('/etc/passwd', path.join(work, 'file'));
    await symlink(work, path.join(root, 'alias'));
    await writeFile(path.join(work, 'src', 'a.ts'), '');
  });
  after(() => rm(root, { recursive: true, force: true }));

  const useOf = (call: object, folder = work) => toolUseOf(toolCall.parse({ toolCallId: 'c', ...call }), folder, work);
  const isInside = async (file: string, folder?: string): Promise<boolean | undefined> =>
    (await useOf({ locations: [{ path: file }] }, folder)).paths[0]?.isInside;

  for (const [file, expected] of Object.entries({
    'src/a.ts': true,
    'src/new/deep/b.ts': true,
    '.': true,
    '..': false,
    '../work2/a': false,
    '/etc/passwd': false,
    'linked/a': false,
    file: false,
    '.git/config': false,
    '.GIT/config': false,
    'sub/.git/hooks/pre-commit': false,
    '.gitignore': true,
  })) {
    it(`is ${expected ? 'inside' : 'outside'} the worktree at ${file}`, async () => {
      assert.equal(await isInside(file), expected);
    });
  }

  it('is inside a worktree that is reached by a link', async () => {
    assert.equal(await isInside(path.join(work, 'src', 'a.ts'), path.join(root, 'alias')), true);
  });

  it('has the files that a command of ic names', async () => {
    const files = async (command: string) =>
      (await useOf({ kind: 'execute', rawInput: { command } })).paths.map(({ below, isInside }) =>
        isInside ? below : isInside,
      );
    const create = 'ic subtask create --title-file=title.txt';
    assert.deepEqual(await files(`${create} --body-file="src/a b.md"`), ['title.txt', 'src/a b.md']);
    assert.deepEqual(await files('ic subtask close --reason="Costs [5] * {2}?"'), []);
    assert.deepEqual(await files('cat --body-file=x'), []);
    const outside = ['/etc/passwd', '../work2/a', 'file', '~/a', '$HOME/a', '"$HOME/a"', '{/etc/a,b}', '\\/etc/a'];
    for (const file of outside) {
      assert.equal((await files(`ic subtask note --body-file=${file}`)).includes(false), true, file);
    }
    for (const more of ['--db /etc/a', '--body-"file"=/etc/a', '"--db=/etc/a"', '$X', "--body-file='/etc/a"]) {
      assert.equal((await files(`ic subtask note ${more}`)).includes(false), true, more);
    }
  });

  it('has the paths of locations, changes, and the input', async () => {
    const { paths } = await useOf({
      locations: [{ path: 'src/a.ts' }],
      content: [{ type: 'diff', path: 'src/b.ts', newText: '' }],
      rawInput: { file_path: '/etc/hosts' },
    });
    assert.deepEqual(
      paths.map(({ below, isInside }) => ({ below, isInside })),
      [
        { below: 'src/a.ts', isInside: true },
        { below: 'src/b.ts', isInside: true },
        { below: path.relative(work, '/etc/hosts'), isInside: false },
      ],
    );
  });

  it('is outside if it names more paths than are resolved', async () => {
    const { paths } = await useOf({ locations: Array.from({ length: 101 }, (_, n) => ({ path: `f${n}` })) });
    assert.equal(paths.length, 101);
    assert.equal(paths.at(-1)?.isInside, false);
  });

  it('has the command of the input, and the script of a shell', async () => {
    const commandOf = async (command: unknown): Promise<string | undefined> =>
      (await useOf({ kind: 'execute', title: 'harmless', rawInput: { command } })).command;
    assert.equal(await commandOf('npm test'), 'npm test');
    assert.equal(await commandOf(['bash', '-lc', 'npm test; id']), 'npm test; id');
    assert.equal(await commandOf(['npm', 'test']), 'npm test');
    assert.equal(await commandOf(undefined), undefined);
  });

  it('reads an unknown kind as another tool', async () => {
    assert.equal((await useOf({ kind: 'new_kind' })).kind, 'other');
    assert.equal((await useOf({})).kind, 'other');
  });
});
