/** Repairs that `ic` makes before a command about tasks, and how long it waits for git. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import { ic, type IcResult } from '../../../support/ic/ic';

const MERGE_PROGRAM = path.resolve(__dirname, '../../../support/tasks/mergeProgram.js');

describe('ic without a window, with a project', function () {
  this.timeout(60_000);
  let root: string;
  let repository: string;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-upkeep-')));
    repository = path.join(root, 'repository');
    env = { HOME: path.join(root, 'home'), XDG_STATE_HOME: path.join(root, 'state') };
    await mkdir(path.join(root, 'home'));
    await createRepository(repository, PARCEL_API);
    await writeFile(path.join(repository, '.git', 'info', 'exclude'), '.clavain/\n');
    await ok(repository, 'init');
  });
  afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

  const run = (cwd: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<IcResult> =>
    ic(args, { cwd, input: 'Do it.', env: { ...env, ...more } });

  async function ok(cwd: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(cwd, args);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, args.join(' '));
    return stdout.trim();
  }

  const clonePaths = async (cwd: string, more = {}): Promise<readonly (string | undefined)[]> => {
    const { stdout } = await run(cwd, ['project', 'list', '--json'], more);
    return (JSON.parse(stdout) as readonly { readonly clone_path?: string }[]).map((project) => project.clone_path);
  };

  /** A git that records each start, and then runs the system's git or hangs. */
  async function gitProgram(text: string): Promise<Readonly<Record<string, string>>> {
    const folder = path.join(root, 'bin');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'git'), `#!/bin/sh\necho "$@" >> ${root}/calls\n${text}\n`);
    await chmod(path.join(folder, 'git'), 0o755);
    return { PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` };
  }

  it('stops a git without output after the time limit in the settings of the editor', async () => {
    const settings = path.join(root, 'config', 'Code', 'User', 'settings.json');
    await mkdir(path.dirname(settings), { recursive: true });
    await writeFile(settings, '{ "intercore.git.timeLimitSeconds": 1, }');
    const hanging = await gitProgram('exec sleep 100');
    const more = { ...hanging, XDG_CONFIG_HOME: path.join(root, 'config') };
    const { code, stderr } = await run(repository, ['project', 'add'], more);
    assert.deepEqual({ code, saysTime: /time|seconds/.test(stderr) }, { code: 2, saysTime: true }, stderr);
  });

  it('follows a repository that moved with its record, reports it once, and starts no git afterwards', async () => {
    await ok(repository, 'project', 'add');
    const task = await ok(repository, 'task', 'create', '--title=T', '--body-file=-');
    const moved = path.join(root, 'elsewhere', 'renamed');
    await mkdir(path.dirname(moved));
    await rename(repository, moved);
    assert.deepEqual(await clonePaths(moved, { INTERCORE_DISPATCH_ID: 'agent' }), [repository]);
    const { code, stdout, stderr } = await run(moved, ['task', 'show', task]);
    assert.deepEqual({ code, hasTitle: /^T\n/.test(stdout) }, { code: 0, hasTitle: true });
    assert.equal(stderr, `ic: task show: the project repository has moved to ${moved}\n`);
    assert.deepEqual(await clonePaths(moved), [moved]);
    const counting = await gitProgram('exec /usr/bin/git "$@"');
    for (const args of [
      ['task', 'list'],
      ['task', 'show', task],
      ['subtask', 'list', task],
    ])
      assert.equal((await run(moved, args, counting)).stderr, '');
    assert.equal(existsSync(path.join(root, 'calls')), false);
  });

  it('does not mistake the folder of the record for the lost repository of a project elsewhere', async () => {
    const other = path.join(root, 'other');
    await createRepository(other, PARCEL_API);
    await ok(repository, 'project', 'add', other);
    await rm(other, { recursive: true });
    assert.deepEqual(await clonePaths(repository), [other]);
  });

  it('undoes an interrupted merge, which the doctor reports until then', async () => {
    await ok(repository, 'project', 'add');
    const pid = path.join(root, 'pid');
    const filter = path.join(root, 'filter.sh');
    // Files are written twice: once next to the folder, and once in it.
    const killsAtThird = `[ $(wc -l < ${root}/files) = 3 ] && kill -9 $(cat ${pid}) $PPID`;
    await writeFile(filter, `#!/bin/sh\necho >> ${root}/files\n${killsAtThird}\ncat\n`);
    await chmod(filter, 0o755);
    await git(root, ['config', '--file', path.join(root, 'home', '.gitconfig'), 'filter.slow.smudge', filter]);
    const commit = async (message: string): Promise<void> => {
      await git(repository, ['add', '--all']);
      await git(repository, ['commit', '--quiet', `--message=${message}`]);
    };
    await writeFile(path.join(repository, '.gitattributes'), '*.big filter=slow\n');
    for (const name of ['a', 'b']) await writeFile(path.join(repository, `${name}.big`), 'old');
    await commit('Files');
    await git(repository, ['checkout', '--quiet', '-b', 'work']);
    for (const name of ['a', 'b']) await writeFile(path.join(repository, `${name}.big`), 'new');
    await commit('Work');
    const head = (await git(repository, ['rev-parse', 'HEAD'])).trim();
    await git(repository, ['checkout', '--quiet', 'main']);
    const base = await git(repository, ['rev-parse', 'main']);
    const options = { env: { ...process.env, HOME: path.join(root, 'home') }, stdio: 'ignore' } as const;
    await once(spawn(process.execPath, [MERGE_PROGRAM, repository, head, pid], options), 'exit');
    await rm(path.join(root, 'home', '.gitconfig'));

    const finding = /MERGE_INTERRUPTED|a merge in \S+ was interrupted/;
    assert.match((await run(repository, ['doctor'])).stdout, finding);
    // A failed repair is reported by the command that the doctor names, not by every command that reads.
    const kept = path.join(repository, '.git', 'intercore-merge', 'before');
    await rename(kept, `${kept}-away`);
    assert.equal((await run(repository, ['task', 'list'])).stderr, '');
    assert.doesNotMatch((await run(repository, ['worktree', 'unused'])).stderr, /An interrupted merge/);
    assert.match((await run(repository, ['project', 'list'])).stderr, /^ic: project list: An interrupted merge/);
    await rename(`${kept}-away`, kept);
    const { code, stderr } = await run(repository, ['task', 'list']);
    assert.equal(code, 0);
    assert.equal(stderr, `ic: task list: an interrupted merge into main in ${repository} was undone\n`);
    assert.equal(await git(repository, ['status', '--porcelain']), '');
    assert.equal(await git(repository, ['rev-parse', 'main']), base);
    assert.equal(await readFile(path.join(repository, 'a.big'), 'utf8'), 'old');
    assert.doesNotMatch((await run(repository, ['doctor'])).stdout, finding);
    assert.equal((await run(repository, ['task', 'list'])).stderr, '');
  });
});
