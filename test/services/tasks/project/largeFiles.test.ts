/**
 * A repository whose large files are in Git LFS: an agent gets, changes, and proves their contents, a merge brings
 * them, and a snapshot keeps them. Without git-lfs, a filter replaces it that stores and restores in the same way.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../../../src/host/process/programs';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { listProjects } from '../../../../src/kernel/tasks/service';
import type { TaskDeps, TaskSettings } from '../../../../src/services/tasks/deps';
import {
  listWorktreeSnapshots,
  restoreWorktreeSnapshot,
} from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { tidy } from '../../../../src/services/tasks/worktree/retention';
import { environmentOf } from '../../../support/dispatch/environment';
import { itLong } from '../../../support/long';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

/** Stores by content below git's own files, as git-lfs does, and refuses a pointer whose content it does not have. */
const STAND_IN = `#!${process.execPath}
const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const common = execFileSync('git', ['rev-parse', '--path-format=absolute', '--git-common-dir'], { encoding: 'utf8' });
const objects = path.join(common.trim(), 'lfs', 'objects');
const given = readFileSync(0);
const pointer = /^version https:.*\\noid sha256:([0-9a-f]{64})\\n/.exec(given.toString());
if (process.argv[2] === 'clean' && pointer === null) {
  const oid = createHash('sha256').update(given).digest('hex');
  mkdirSync(objects, { recursive: true });
  writeFileSync(path.join(objects, oid), given);
  process.stdout.write(\`version https://git-lfs.github.com/spec/v1\\noid sha256:\${oid}\\nsize \${given.length}\\n\`);
} else if (process.argv[2] === 'smudge' && pointer !== null) {
  process.stdout.write(readFileSync(path.join(objects, pointer[1])));
} else process.stdout.write(given);
`;

describe('large files in Git LFS', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;
  let program: string;
  let run: (folder: string, ...args: string[]) => Promise<string>;

  let real: string | undefined;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    const { home } = fixture.stage;
    program = path.join(fixture.stage.root, 'lfs', 'git-lfs');
    await mkdir(path.dirname(program), { recursive: true });
    real = await findProgram('git-lfs', process.env);
    if (real === undefined) await writeFile(program, STAND_IN, { mode: 0o755 });
    else await symlink(real, program);
    await mkdir(home, { recursive: true });
    await writeFile(path.join(home, '.gitconfig'), '[user]\nname = Ada\nemail = ada@example.org\n');
    const programs = [path.dirname(program), process.env['PATH'] ?? ''].join(path.delimiter);
    fixture.gitEnvironment = { ...process.env, HOME: home, PATH: programs, GIT_CONFIG_NOSYSTEM: '1' };
    const env = fixture.gitEnvironment;
    run = async (folder, ...args) => (await promisify(execFile)('git', args, { cwd: folder, env })).stdout.trim();
    fixture.settings = { ...fixture.settings, maxAttempts: 1, failedCleanupMinutes: 0 };
  });
  afterEach(() => fixture.close());

  const deps = (): TaskDeps => fixture.deps(fixture.dispatcher());
  const tidied = (): Promise<void> =>
    tidy({ ...deps(), ports: { ...deps().ports, clock: { nowMs: () => Date.now() + 60_000 } } });

  async function commitLargeFile(): Promise<void> {
    await fixture.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    await fixture.write('big.bin', 'first content\n');
    await run(fixture.stage.project, 'add', '--all');
    await run(fixture.stage.project, 'commit', '--quiet', '--message', 'Large files');
  }

  it('are worked on, proven, merged, kept, and restored with their contents', async () => {
    const { home, project } = fixture.stage;
    const filter = [`clean = ${program} clean -- %f`, `smudge = ${program} smudge -- %f`, 'required = true'];
    if (real !== undefined) filter.push(`process = ${program} filter-process`);
    await appendFile(path.join(home, '.gitconfig'), ['[filter "lfs"]', ...filter, ''].join('\n'));
    await commitLargeFile();
    fixture.settings = { ...fixture.settings, checks: [['grep', '-q', 'second', 'big.bin']] };
    const orchestrator = fixture.start();
    const worker = `[ "$(cat big.bin)" = "first content" ] || { echo pointer; exit 1; }
      case "$(git rev-parse --abbrev-ref HEAD)" in
        *good) echo second content > big.bin; echo more > new.bin; ${GOOD_WORKER} ;;
        *) echo loose content > big.bin; echo loose > loose.bin; exit 1 ;;
      esac`;
    await fixture.agents('ic subtask create --title=Good; ic subtask create --title=Bad', worker);
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const [good = '', bad = ''] = fixture.read(task).subtasks.map(({ id }) => id);
    await fixture.kernel.write((u) => [good, bad].forEach((id) => startSubtask(u, id)));
    await fixture.when('decided', () => [good, bad].every((id) => fixture.subtask(id).status !== 'IN_PROGRESS'));
    await orchestrator.close();
    assert.equal(fixture.subtask(good).status, 'COMPLETED', fixture.subtask(good).lastError ?? '');
    assert.match(fixture.subtask(bad).lastError ?? '', /exit code 1/);

    const tree = fixture.subtask(good).worktreePath ?? '';
    await mergeOnThisMachine(deps(), good);
    assert.equal(existsSync(tree), false);
    assert.equal(await readFile(path.join(project, 'big.bin'), 'utf8'), 'second content\n');
    assert.equal(await readFile(path.join(project, 'new.bin'), 'utf8'), 'more\n');
    assert.equal(await run(project, 'status', '--porcelain', '--untracked-files=no'), '');
    assert.match(await run(project, 'show', 'HEAD:new.bin'), /^version https:\/\/git-lfs/);

    // Without the filter the tree stays, with the reason.
    const failed = fixture.subtask(bad).worktreePath ?? assert.fail();
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 1 / 600 };
    await rename(program, `${program}.away`);
    await tidied();
    const [failure] = fixture.kernel.read((r) => r.db.rows('SELECT code FROM stage_failures', []));
    assert.equal(failure?.['code'], 'GIT_LFS_MISSING');
    assert.equal(await readFile(path.join(failed, 'loose.bin'), 'utf8'), 'loose\n');
    await rename(`${program}.away`, program);
    await fixture.kernel.write((u) => u.db.run('DELETE FROM stage_failures', []));
    await tidied();
    assert.equal(existsSync(failed), false);

    const [projectRow = assert.fail('no project')] = fixture.kernel.read((r) => listProjects(r));
    const [kept = assert.fail('no snapshot')] = (await listWorktreeSnapshots(deps())).snapshots;
    assert.deepEqual([...kept.files].sort(), ['big.bin', 'loose.bin']);
    assert.match(await run(project, 'show', `${kept.sha}:loose.bin`), /^version https:\/\/git-lfs/);
    const restored = await restoreWorktreeSnapshot(deps(), projectRow.id, kept.ref);
    assert.equal(await readFile(path.join(restored.path, 'big.bin'), 'utf8'), 'loose content\n');
    assert.equal(await readFile(path.join(restored.path, 'loose.bin'), 'utf8'), 'loose\n');
  });

  for (const [where, setup] of Object.entries<TaskSettings['checks']>({
    'the worktree of the agent': [],
    'a clean checkout': [['true']],
  })) {
    itLong(`are worked on, proven in ${where}, and merged where only the repository configures Git LFS`, async () => {
      const { project } = fixture.stage;
      // What `git lfs install --local` writes.
      const filter = { clean: 'git-lfs clean -- %f', smudge: 'git-lfs smudge -- %f', required: 'true' };
      for (const [key, value] of Object.entries(filter)) await run(project, 'config', `filter.lfs.${key}`, value);
      if (real !== undefined) await run(project, 'lfs', 'install', '--local');
      await commitLargeFile();
      fixture.settings = { ...fixture.settings, setup, checks: [['grep', '-q', 'second', 'big.bin']] };
      const environment = environmentOf({ ...fixture.gitEnvironment });
      const orchestrator = fixture.start(fixture.dispatcher([], { environment }));
      const worker = `[ "$(cat big.bin)" = "first content" ] || { echo pointer; exit 1; }
        echo second content > big.bin; ${GOOD_WORKER}`;
      await fixture.agents(SINGLE_PLANNER, worker);
      const task = await fixture.task();
      await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
      const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
      await fixture.kernel.write((u) => startSubtask(u, id));
      await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
      await orchestrator.close();
      assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
      await mergeOnThisMachine(deps(), id);
      assert.equal(await readFile(path.join(project, 'big.bin'), 'utf8'), 'second content\n');
      assert.equal(await run(project, 'status', '--porcelain', '--untracked-files=no'), '');
      assert.match(await run(project, 'show', 'HEAD:big.bin'), /^version https:\/\/git-lfs/);
    });
  }
});
