/** One row that cannot be read or opened among good ones: every list, check and upkeep continues with the others. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, PARCEL_API } from '../../../scripts/demo/repositories';
import { Git } from '../../../src/host/git/git';
import { silentLog } from '../../../src/host/log';
import { FolderRegistry } from '../../../src/host/trusted/folderRegistry';
import { TrustedFolders } from '../../../src/host/trusted/trustedFolders';
import { systemPorts } from '../../../src/host/clock';
import { startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { repairTasks } from '../../../src/kernel/tasks/upkeep/repair';
import { taskRecordProblems } from '../../../src/kernel/tasks/upkeep/invariants';
import {
  completeSubtask,
  mergeSubtask,
  placeSubtask,
  recordProof,
  startSubtask,
} from '../../../src/kernel/tasks/subtask/progress';
import { acceptPlan, addProject, createTask } from '../../../src/kernel/tasks/service';
import { addSubtask, getSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { listWorktreeSnapshots } from '../../../src/services/tasks/worktree/worktreeSnapshots';
import { HeavySteps } from '../../../src/services/tasks/heavySteps';
import { tidy } from '../../../src/services/tasks/worktree/retention';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../src/services/tasks/worktree/unusedWorktrees';
import { TasksProjection } from '../../../src/views/projections/task/tasks';
import { addOwnWorktree } from '../../support/tasks/ownTrees';
import { Projects } from '../../support/projects';
import { openTestFolder, viewContextOf } from '../../support/records/viewFixture';
import { findings, Machine } from '../../support/ic/environment';
import { PROOF, planned, workplaceAt } from '../../support/tasks/taskRecord';

describe('one bad row among good ones', function () {
  this.timeout(120_000);
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;
  let parent: string;
  let deps: { readonly kernel: ProjectKernel; readonly git: Git };
  let storage: string;
  /** By name; `away` is in an unknown folder, the `.git` of `thief` leads to another repository. */
  let ids: Readonly<Record<string, string>>;
  const clone = (name: string): string => path.join(kernel.folder, name);

  beforeEach(async () => {
    kernel = await projects.create();
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-bad-rows-')));
    storage = path.join(parent, 'storage');
    const away = path.join(parent, 'away');
    for (const folder of [away, clone('first'), clone('last')]) await createRepository(folder, PARCEL_API);
    await mkdir(clone('thief'));
    await writeFile(path.join(clone('thief'), '.git'), `gitdir: ${away}/.git\n`);
    const places = [
      ['first', clone('first')],
      ['away', away],
      ['thief', clone('thief')],
      ['last', clone('last')],
    ] as const;
    const made = await kernel.write((u) =>
      places.map(([name, clonePath]) => addProject(u, { name, clonePath, defaultBranch: 'main' })),
    );
    ids = Object.fromEntries(made.map(({ name, id }) => [name, id]));
    const registry = new FolderRegistry(path.join(parent, 'state', 'places.json'));
    const known = new TrustedFolders({ folders: () => [kernel.folder], storages: () => [storage], registry });
    deps = { kernel, git: new Git({ trusted: () => true, places: known }) };
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  /** A worktree of a project that no row knows. */
  async function orphan(project: string, name: string): Promise<string> {
    const folder = path.join(storage, 'worktrees', ids[project] ?? '', name);
    await addOwnWorktree(clone(project), name, folder);
    return folder;
  }

  /** A merged subtask with a worktree at `folder`. */
  const merged = (project: string, folder: string, branch: string): Promise<string> =>
    kernel.write((u) => {
      const task = createTask(u, { projectId: ids[project] ?? '', title: project, description: 'x' });
      const { id } = addSubtask(u, { taskId: task.id, title: project });
      acceptPlan(u, task.id, { path: 'plan.md' });
      startSubtask(u, id);
      placeSubtask(u, id, workplaceAt(branch, folder, 'a'.repeat(40)));
      recordProof(u, id, PROOF);
      completeSubtask(u, id, { pullRequest: null });
      mergeSubtask(u, id);
      return id;
    });

  it('hides no unused worktree and no snapshot of another project, and is named', async () => {
    const folders = [await orphan('first', 'gone-a'), await orphan('last', 'gone-b')];
    const { unused, skipped } = await findUnusedWorktrees(deps);
    assert.deepEqual(unused.map((one) => one.path).sort(), [...folders].sort());
    assert.deepEqual(skipped.map(({ name }) => name).sort(), ['away', 'thief']);
    for (const { problem } of skipped) assert.match(problem, /recorded elsewhere/);
    await writeFile(path.join(folders[0] ?? '', 'loose.txt'), 'x');
    const { removed, left } = await removeUnusedWorktrees(deps);
    assert.equal(removed.length, 2);
    assert.deepEqual(left.map((one) => one.path).sort(), ['away', 'thief']);
    const kept = await listWorktreeSnapshots(deps);
    assert.deepEqual(
      { snapshotsCount: kept.snapshots.length, skippedCount: kept.skipped.length },
      { snapshotsCount: 1, skippedCount: 2 },
    );
  });

  it('lists no worktree as unused whose row may be the unreadable one', async () => {
    const folder = await orphan('last', 'gone-b');
    const task = await kernel.write((u) =>
      createTask(u, { projectId: ids['last'] ?? '', title: 'Bad', description: 'x' }),
    );
    await kernel.write((u) => u.db.run("UPDATE tasks SET updated_at = 'soon' WHERE id = ?", [task.id]));
    assert.deepEqual((await findUnusedWorktrees(deps, ids['last'])).unused, []);
    assert.ok(existsSync(folder));
  });

  it('keeps no worktree of another subtask from being cleared up', async () => {
    await merged('away', path.join(parent, 'away'), 'main');
    const folder = await orphan('last', 'work');
    const id = await merged('last', folder, 'work');
    await tidy({
      ...deps,
      storageDir: storage,
      log: silentLog,
      ports: systemPorts,
      heavySteps: new HeavySteps({ log: silentLog }),
      settings: () => ({ failedCleanupMinutes: 60 }),
    });
    assert.equal(existsSync(folder), false);
    assert.equal(kernel.read((r) => getSubtask(r, id)).worktreePath, null);
    assert.ok(existsSync(path.join(parent, 'away', '.git')));
  });

  it('keeps the doctor from no other project', async () => {
    const machine = await Machine.in(await projects.folder());
    const folder = await orphan('last', 'gone-b');
    const report = await machine.examine({ kernels: [kernel], databases: [kernel], git: deps.git });
    assert.deepEqual(findings(report, 'CLONE_FINE').length, 2);
    assert.deepEqual(findings(report, 'CLONE_ELSEWHERE').length, 2);
    assert.deepEqual(
      findings(report, 'WORKTREE_UNUSED').map(({ facts }) => facts['path']),
      [folder],
    );
    assert.equal(findings(report, 'IDENTITY_KNOWN').length + findings(report, 'IDENTITY_MISSING').length, 2);
    assert.deepEqual(findings(report, 'CHECK_FAILED'), []);
  });

  it('hides nothing else of its task in the view', async () => {
    const folder = await openTestFolder();
    const { subtasks } = folder.write((u) => planned(u, { A: [], B: ['A'] }));
    const a = subtasks['A']?.id ?? '';
    folder.write((u) => {
      startSubtask(u, a);
      startAgentRun(u, { subtaskId: a });
    });
    const view = new TasksProjection(viewContextOf(folder));
    folder.exec("UPDATE agent_runs SET started_at = 'soon'");
    const [row = assert.fail('no task')] = view.roots();
    assert.deepEqual(
      view.children(row.ref).map(({ label }) => label),
      ['A', 'B'],
    );
  });

  it('keeps the record of another task from being checked and repaired by nothing', async () => {
    const good = await kernel.write((u) => planned(u, { A: [] }));
    const bad = await kernel.write((u) => planned(u, { B: [] }));
    await kernel.write((u) => {
      u.db.run("UPDATE subtasks SET base_sha = '--output=../x' WHERE task_id = ?", [bad.task.id]);
      const id = good.subtasks['A']?.id ?? '';
      startSubtask(u, id);
      startAgentRun(u, { subtaskId: id });
      u.db.run(
        "INSERT INTO agent_runs (id, task_id, subtask_id, agent_type, attempt, status, started_at) SELECT 'extra001', task_id, subtask_id, agent_type, attempt + 1, 'RUNNING', started_at FROM agent_runs",
        [],
      );
    });
    const problems = kernel.read(taskRecordProblems);
    assert.ok(problems.some((problem) => problem.includes(bad.task.id) && problem.includes('was not checked')));
    assert.ok((await kernel.write(repairTasks)).some((one) => one.startsWith('ended attempt')));
  });
});
