/** Worktrees whose maker was killed between two steps: there is nothing, or one of ours that is made again whole. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../scripts/demo/repositories';
import { Repository } from '../../../src/host/git/repository';
import { listSnapshots } from '../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import type { Project } from '../../../src/kernel/tasks/record/model';
import { ownWorktrees } from '../../../src/services/tasks/taskFolders';
import { gitFolder, testGit } from '../../support/git';
import { inLong, itLongIf } from '../../support/long';
import type { KilledMaking } from '../../support/tasks/killedProgram';

const BRANCH = 'work';
/** Each step is tried in the long run. In others every second; every third where the folder or a snapshot is moved too. */
const STRIDE = inLong(3, 1);
const WIDE_STRIDE = inLong(5, 1);

describe('a worktree whose maker is killed', function () {
  this.timeout(120_000);
  let parent: string;
  let template: string;
  let clone: string;
  let folder: string;
  let repository: Repository;
  let worktrees: Worktrees;
  let unmarkedStep: number | undefined;

  before(async () => {
    template = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-killed-')));
    await createRepository(path.join(template, 'clone'), PARCEL_API);
  });
  after(() => rm(template, { recursive: true, force: true }));
  beforeEach(open);
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function open(): Promise<void> {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-killed-')));
    clone = path.join(parent, 'clone');
    await cp(path.join(template, 'clone'), clone, { recursive: true });
    folder = path.join(parent, 'worktrees', 'parcels', 'work');
    repository = new Repository(testGit(), await gitFolder(clone));
    worktrees = new Worktrees(repository, path.dirname(folder));
  }

  async function killed(killBefore: number, isRestoration = false): Promise<boolean> {
    const making: KilledMaking = { clone, folder, branch: BRANCH, isRestoration, killBefore };
    const program = path.resolve(__dirname, '../../support/tasks/killedProgram.js');
    const child = spawn(process.execPath, [program, JSON.stringify(making)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    assert.ok(code === 0 || signal === 'SIGKILL', `it ended with ${code ?? signal}`);
    return signal === 'SIGKILL';
  }

  const paths = (trees: readonly { readonly path: string }[]): string[] => trees.map((tree) => tree.path).sort();
  const ensure = (): Promise<boolean> => worktrees.ensure({ folder, branch: BRANCH, baseSha: 'main' });

  /** Everything that git knows besides the clone is ours. */
  async function assertOurs(when: string): Promise<void> {
    const known = paths(await repository.worktrees()).filter((place) => place !== clone);
    assert.deepEqual(paths(await ownWorktrees(repository, { id: 'parcels' } as Project)), known, when);
  }

  async function assertWhole(when: string): Promise<void> {
    assert.equal((await git(folder, ['symbolic-ref', '--short', 'HEAD'])).trim(), BRANCH, when);
    assert.equal(await ensure(), false, when);
    const known = (await repository.worktrees()).find((tree) => tree.path === folder);
    assert.deepEqual({ step: known?.step, lock: known?.lock }, { step: undefined, lock: undefined }, when);
  }

  /** Runs `work` for each step at which the maker may be killed, or every `stride`th, with a repository of its own. */
  async function atEachStep(work: (killBefore: number) => Promise<boolean>, stride = 1): Promise<void> {
    for (let killBefore = stride; await work(killBefore); killBefore += stride) {
      assert.ok(killBefore < 100, 'it never came to its end');
      await rm(parent, { recursive: true, force: true });
      await open();
    }
  }

  /** Kills the maker when git has made the worktree and it has no mark yet: the step is searched for once. */
  async function killedUnmarked(): Promise<void> {
    if (unmarkedStep !== undefined) {
      await killed(unmarkedStep);
      return;
    }
    await atEachStep(async (killBefore) => {
      unmarkedStep = killBefore;
      return (await killed(killBefore)) && !existsSync(folder);
    });
  }

  it('is made again whole, whatever the step', async () => {
    await atEachStep(async (killBefore) => {
      const wasKilled = await killed(killBefore);
      const when = `killed before step ${killBefore}`;
      await assertOurs(when);
      await ensure();
      await assertWhole(when);
      assert.equal((await git(folder, ['status', '--porcelain'])).trim(), '', when);
      await worktrees.remove(folder, 'gone');
      assert.deepEqual(paths(await repository.worktrees()), [clone], when);
      return wasKilled;
    }, STRIDE);
  });

  it('can be removed without a trace, whatever the step', async () => {
    await atEachStep(async (killBefore) => {
      const wasKilled = await killed(killBefore);
      await worktrees.remove(folder, 'gone');
      const when = `killed before step ${killBefore}`;
      assert.deepEqual(
        { folderExists: existsSync(folder), paths: paths(await repository.worktrees()) },
        { folderExists: false, paths: [clone] },
        when,
      );
      return wasKilled;
    }, STRIDE);
  });

  it('while a folder was put aside leaves all that was in it in one listed place', async () => {
    await atEachStep(async (killBefore) => {
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'loose.txt'), 'loose');
      const wasKilled = await killed(killBefore);
      const when = `killed before step ${killBefore}`;
      await assertOurs(when);
      await ensure();
      await assertWhole(when);
      const moved = `${folder}.kept`;
      assert.deepEqual(paths(await repository.worktrees()), [clone, folder, moved].sort(), when);
      const names = (await readdir(path.dirname(folder))).filter((name) => !name.startsWith('.'));
      assert.deepEqual(names.sort(), ['work', 'work.kept'], when);
      assert.equal(await readFile(path.join(moved, 'loose.txt'), 'utf8'), 'loose', when);
      const kept = await worktrees.remove(moved, 'moved');
      assert.equal((await git(clone, ['show', `${kept?.sha ?? ''}:loose.txt`])).trim(), 'loose', when);
      return wasKilled;
    }, WIDE_STRIDE);
  });

  it('while a snapshot was brought back has it whole the next time', async () => {
    await atEachStep(async (killBefore) => {
      await ensure();
      await writeFile(path.join(folder, 'loose.txt'), 'loose');
      await worktrees.remove(folder, 'kept');
      const wasKilled = await killed(killBefore, true);
      const when = `killed before step ${killBefore}`;
      await assertOurs(when);
      const [snapshot] = await listSnapshots(repository);
      await worktrees.restore(snapshot ?? assert.fail(), folder, BRANCH);
      await assertWhole(when);
      assert.equal(await readFile(path.join(folder, 'loose.txt'), 'utf8'), 'loose', when);
      return wasKilled;
    }, WIDE_STRIDE);
  });

  for (const [when, missing] of Object.entries({
    'had checked out some files': ['README.md'],
    'had checked out nothing': ['README.md', 'src', '@index'],
    'had not linked the folder': ['*', '@index', '@HEAD', '@commondir'],
    'had not made the folder': ['', '@index', '@HEAD', '@commondir'],
    'had only locked it': ['', '@index', '@HEAD', '@commondir', '@gitdir'],
  })) {
    const itThen = itLongIf(!['had checked out some files', 'had only locked it'].includes(when));
    itThen(`with its git, when that ${when}, is made again whole`, async () => {
      await killedUnmarked();
      const [tree] = await ownWorktrees(repository, { id: 'parcels' } as Project);
      assert.equal(tree?.step, 'making');
      const files = path.join(clone, '.git', 'worktrees', 'work');
      for (const name of missing) {
        if (name.startsWith('@')) await rm(path.join(files, name.slice(1)), { force: true });
        else if (name === '*') await rm(folder, { recursive: true }).then(() => mkdir(folder));
        else await rm(path.join(folder, name), { recursive: true, force: true });
      }
      await assertOurs(when);
      assert.equal(await ensure(), true);
      await assertWhole(when);
      assert.equal((await git(folder, ['status', '--porcelain'])).trim(), '');
    });
  }
});
