/** The content of a project before the first row of a table of command lines: plans, worktrees, work on GitHub. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, git } from '../../../scripts/demo/repositories';
import { testGit } from '../git';
import { writeAddedAgent } from '../../../src/host/state/addedAgents';
import { silentLog } from '../../../src/host/log';
import { databaseLocation } from '../../../src/host/files/paths';
import { trustedFoldersOf } from '../../../src/host/trusted/trustedFolders';
import { sha } from '../../../src/kernel/text/gitNames';
import {
  completeSubtask,
  recordProof,
  holdSubtask,
  placeSubtask,
  startSubtask,
} from '../../../src/kernel/tasks/subtask/progress';
import { addProject, createTask } from '../../../src/kernel/tasks/service';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { ADDABLE_AGENTS } from '../../../src/services/agents/acp/installation/adapters';
import { kindOfRecipe } from '../../../src/services/agents/acp/recipes';
import { BeadsTracker } from '../../../src/services/tasks/tracker/beadsTracker';
import { addGitHubProject } from '../../../src/services/tasks/project/githubProjects';
import { bdIn } from '../beads/programs';
import type { Names } from '../ic/cliTable';
import { startWork, projectDeps, publisher } from '../github/projects';
import type { GitHubFixture } from '../github/gitHubFixture';
import { testDeps } from '../projects';
import { failStage } from '../../../src/kernel/tasks/upkeep/stageFailures';
import { addOwnWorktree } from '../tasks/ownTrees';
import { planned, PROOF, workplace, workplaceAt } from '../tasks/taskRecord';
import { AccountHolds } from '../../../src/host/state/accountHolds';
import { accountsFolder, storageFolder, addedAgentsFolder } from '../../../src/host/state/stateFolder';
import { createDispatch } from '../../../src/kernel/dispatch/service';
import { permission, SessionFixture } from '../dispatch/sessions';

/** Runs `work` on the record of a new project, which is closed afterwards. */
async function recordOf<T>(folder: string, work: (kernel: ProjectKernel) => Promise<T>): Promise<T> {
  const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
  try {
    await kernel.initialize();
    return await work(kernel);
  } finally {
    await kernel.dispose();
  }
}

/** Files that commands read, and a repository. */
export async function files(folder: string): Promise<Names> {
  await writeFile(path.join(folder, 'p.sh'), 'printf -- "--- VERDICT ---\\nSTATUS: pass\\n---\\n"\n');
  await writeFile(path.join(folder, 'slow.sh'), 'exec sleep 20\n');
  await writeFile(path.join(folder, 'bad.sh'), 'exit 3\n');
  await createRepository(path.join(folder, 'repository'), [{ message: 'Start', files: { 'a.txt': 'a' } }]);
  await writeFile(path.join(folder, 'title.txt'), 'Say "hello" $(whoami)\n');
  await mkdir(path.join(folder, 'config/Code/User'), { recursive: true });
  const settings = { 'intercore.agents.default': 'claude-acp' };
  await writeFile(path.join(folder, 'config/Code/User/settings.json'), JSON.stringify(settings));
  await writeFile(path.join(folder, 'vector'), Buffer.from(new Float32Array([1, 2, 3]).buffer));
  return {};
}

/** A hook that came with the folder. */
async function hooked(folder: string): Promise<Names> {
  const hooks = path.join(folder, '.clavain', 'hooks');
  await mkdir(hooks, { recursive: true });
  await writeFile(path.join(hooks, 'on-phase-advance'), '#!/bin/sh\n', { mode: 0o755 });
  return {};
}

/** A folder with a hook, on a machine where a limit holds the account of Claude, and the adapter of Codex is added. */
export async function permitted(folder: string): Promise<Names> {
  const sinceMs = Date.now();
  const hold = { account: 'a'.repeat(32), kind: 'claude', reason: 'session limit', tries: 1 };
  const state = { XDG_STATE_HOME: path.join(folder, 'state') };
  const accounts = new AccountHolds(accountsFolder(state));
  accounts.set({ ...hold, sinceMs, untilMs: sinceMs + 3_600_000 });
  const adapter = ADDABLE_AGENTS.find(({ name }) => name === 'codex-acp');
  assert.ok(adapter !== undefined);
  await mkdir(addedAgentsFolder(state), { recursive: true });
  const { version } = adapter;
  await writeAddedAgent(state, { version, main: __filename, kind: kindOfRecipe(adapter) });
  const settings = path.join(folder, 'config', 'Code', 'User');
  await mkdir(settings, { recursive: true });
  const unreachable = { 'intercore.agents.listAddress': 'http://127.0.0.1:1/' };
  await writeFile(path.join(settings, 'settings.json'), JSON.stringify(unreachable));
  return await hooked(folder);
}

/** A task whose plan is accepted. */
export async function unstartedPlan(folder: string): Promise<Names> {
  return recordOf(folder, (kernel) => kernel.write((u) => ({ task: planned(u, { a: [] }).task.id })));
}

/** A dispatch whose agent has asked twice, and for which a text waits. */
export async function asked(folder: string): Promise<Names> {
  const { id } = await recordOf(folder, (kernel) =>
    kernel.write((u) => createDispatch(u, { agentType: 'acp', projectDir: folder, name: 'Reviewer' })),
  );
  const session = await SessionFixture.make(storageFolder({ XDG_STATE_HOME: path.join(folder, 'state') }), id);
  const waiting = [{ id: 'later', text: 'Then the docs.', by: 'ic', atMs: 0 }];
  await session.write({ requests: [permission(), permission({ number: 2 })], waiting });
  return { agent: id };
}

/** What the doctor finds well but `damaged.db`: git knows who the person is. */
export async function health(folder: string): Promise<Names> {
  await writeFile(path.join(folder, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n');
  await writeFile(path.join(folder, 'damaged.db'), 'This is no database, and long enough to be checked as one.\n');
  return {};
}

/**
 * Subtasks `a` ready, `held` with proven work that could not be brought out, `setup` whose set-up failed, and `done` on
 * a branch of a repository.
 */
export async function plan(folder: string): Promise<Names> {
  const clonePath = path.join(folder, 'repository');
  await createRepository(clonePath, [{ message: 'Start', files: { 'a.txt': 'a' } }]);
  await git(clonePath, ['checkout', '--quiet', '-b', 'work']);
  await writeFile(path.join(clonePath, 'work.txt'), 'work\n');
  await git(clonePath, ['add', '--all']);
  await git(clonePath, ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', 'Work']);
  await git(clonePath, ['checkout', '--quiet', 'main']);
  const baseSha = (await git(clonePath, ['rev-parse', 'main'])).trim();
  const headSha = sha.parse((await git(clonePath, ['rev-parse', 'work'])).trim());
  return recordOf(folder, (kernel) =>
    kernel.write((u) => {
      const project = addProject(u, { name: 'parcels', clonePath, defaultBranch: 'main' });
      const { subtasks } = planned(u, { a: [], held: [], done: [], after: ['done'], setup: [] });
      const ids = Object.fromEntries(Object.entries(subtasks).map(([title, { id }]) => [title, id]));
      const [held = '', done = ''] = [ids['held'], ids['done']];
      startSubtask(u, held);
      placeSubtask(u, held, workplace(held));
      recordProof(u, held, PROOF);
      holdSubtask(u, held, 'refused');
      const setup = ids['setup'] ?? '';
      startSubtask(u, setup);
      const failed = { reason: 'no network', code: 'SETUP_FAILED', failure: 'unknown', passesAt: null } as const;
      failStage(u, { stage: 'setup', subject: setup, ...failed, pause: () => 60 });
      startSubtask(u, done);
      placeSubtask(u, done, workplaceAt('work', workplace(done).worktreePath, baseSha));
      recordProof(u, done, { ...PROOF, commit: headSha });
      completeSubtask(u, done, { pullRequest: null });
      return { ...ids, project: project.id };
    }),
  );
}

/** A task that Beads tracks, with one subtask, and one that it does not; `bd` is the program. */
export async function tracked(folder: string): Promise<Names> {
  const bd = await bdIn(path.join(folder, 'bin'), '1.x');
  await createRepository(path.join(folder, 'repository'), [{ message: 'Start', files: { 'a.txt': 'a' } }]);
  return recordOf(folder, async (kernel) => {
    const { task, other } = await kernel.write((u) => {
      const facts = { name: 'parcels', clonePath: path.join(folder, 'repository'), defaultBranch: 'main' };
      const project = addProject(u, facts);
      const { task: made } = planned(u, { A: [] });
      return { task: made, other: createTask(u, { projectId: project.id, title: 'Other', description: 'x' }) };
    });
    const deps = { kernel, log: silentLog, git: testGit(), trusted: () => true };
    await new BeadsTracker(deps, path.join(folder, 'beads', '.beads'), bd).sync(task);
    return { bd, task: task.id, other: other.id };
  });
}

/**
 * A project with a worktree of a subtask that is gone; a file in it is not committed, and one that git ignores is kept
 * by the settings of the editor.
 */
export async function unusedWorktree(folder: string): Promise<Names> {
  const clonePath = path.join(folder, 'repository');
  await createRepository(clonePath, [
    { message: 'Start', files: { 'a.txt': 'a', '.gitignore': '.vscode\n*.secret\n' } },
  ]);
  await mkdir(path.join(clonePath, '.vscode'));
  const settings = { 'intercore.tasks.snapshotIgnoredFiles': ['*.secret'] };
  await writeFile(path.join(clonePath, '.vscode', 'settings.json'), JSON.stringify(settings));
  const project = await recordOf(folder, (kernel) =>
    kernel.write((u) => addProject(u, { name: 'parcels', clonePath, defaultBranch: 'main' })),
  );
  const worktrees = path.join(folder, 'state/intercore/tasks/worktrees', project.id);
  const unused = path.join(worktrees, 'gone-work');
  await addOwnWorktree(clonePath, 'gone', unused);
  await writeFile(path.join(unused, 'loose.txt'), 'loose\n');
  await writeFile(path.join(unused, 'key.secret'), 'only here\n');
  return { project: project.id, unused, restored: path.join(worktrees, 'restored-gone-work-unused') };
}

/**
 * The record of another user, in `inner`: the clone of project `known` is in the folder, that of `away` elsewhere, as
 * is the worktree of subtask `a`. A row of each kind cannot be read.
 */
export async function elsewhere(outer: string): Promise<Names> {
  const folder = path.join(outer, 'inner');
  await mkdir(folder);
  const [known, away] = [path.join(folder, 'known'), path.join(outer, 'away', 'repository')];
  for (const clone of [known, away]) await createRepository(clone, [{ message: 'Start', files: { 'a.txt': 'a' } }]);
  const worktree = path.join(outer, 'away', 'worktree');
  await git(away, ['worktree', 'add', '--quiet', '-b', 'work', worktree]);
  const baseSha = (await git(away, ['rev-parse', 'main'])).trim();
  return recordOf(folder, async (kernel) => {
    const names = await kernel.write((u) => {
      const project = addProject(u, { name: 'away', clonePath: away, defaultBranch: 'main' });
      const { task, subtasks } = planned(u, { a: [], b: [], bad: [] });
      const own = addProject(u, { name: 'known', clonePath: known, defaultBranch: 'main' });
      const broken = addProject(u, { name: 'broken', clonePath: path.join(folder, 'broken'), defaultBranch: 'main' });
      const badTask = createTask(u, { projectId: project.id, title: 'Bad', description: 'x' });
      const ids = Object.fromEntries(Object.entries(subtasks).map(([title, { id }]) => [title, id]));
      startSubtask(u, ids['a'] ?? '');
      placeSubtask(u, ids['a'] ?? '', workplaceAt('work', worktree, baseSha));
      u.db.run("UPDATE subtasks SET base_sha = '--output=../x' WHERE id = ?", [ids['bad'] ?? '']);
      u.db.run("UPDATE projects SET default_branch = '--output=../x' WHERE id = ?", [broken.id]);
      u.db.run("UPDATE tasks SET updated_at = 'soon' WHERE id = ?", [badTask.id]);
      u.db.run(
        "INSERT INTO queued_dispatches (id, project_dir, request, queued_at_ms) VALUES ('badqueue', '/', '{', 1)",
        [],
      );
      return { ...ids, inner: folder, project: project.id, task: task.id, own: own.id };
    });
    const restored = path.join(folder, 'worktrees', names.own, 'restored-work');
    await addOwnWorktree(known, 'restored', restored);
    return names;
  });
}

/**
 * A project of GitHub with completed subtasks, each with a pull request: `open`, for which `after` waits, is open;
 * `merged` and `landed` were merged on GitHub, which the record does not know.
 */
export async function onGitHub(fixture: GitHubFixture, folder: string): Promise<Names> {
  return recordOf(folder, async (kernel) => {
    const project = await addGitHubProject(projectDeps(fixture, kernel), 'ada/stamps');
    const { subtasks } = await kernel.write((u) => planned(u, { open: [], merged: [], landed: [], after: ['open'] }));
    const ids = Object.fromEntries(Object.entries(subtasks).map(([title, { id }]) => [title, id]));
    const publish = publisher(fixture, kernel);
    for (const title of ['open', 'merged', 'landed']) {
      const id = ids[title] ?? assert.fail(title);
      const pullRequest = await publish(await startWork(kernel, project, id));
      await kernel.write((u) => completeSubtask(u, id, { pullRequest }));
      if (title !== 'open') await fixture.server.merge('ada', 'stamps', pullRequest?.number ?? 0);
    }
    // The clone was made outside the state folder of these rows, whose `ic` has to know it as ours.
    await trustedFoldersOf({ XDG_STATE_HOME: path.join(folder, 'state') }, () => []).noteClone(
      project.clonePath,
      project.id,
    );
    return { ...ids, project: project.id, server: fixture.server.url, token: fixture.token };
  });
}
