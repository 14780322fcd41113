/** The items of a window with running agents: real files, real worktrees, and a manual clock. */
import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LeaderState } from '../../../src/contract/results/tasks';
import { git } from '../../../scripts/demo/repositories';
import { testGit } from '../../support/git';
import { silentLog } from '../../../src/host/log';
import { makeDispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { createDispatch, endDispatch } from '../../../src/kernel/dispatch/service';
import { endAgentRun, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { placeSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { acceptPlan, addProject, createTask } from '../../../src/kernel/tasks/service';
import { addSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import { Attention } from '../../../src/services/attention/attention';
import { WorkspaceKernels, type ProjectKernel } from '../../../src/services/record/kernels';
import { permission, QUESTION, SessionFixture } from '../../support/dispatch/sessions';
import { Projects, testDeps } from '../../support/projects';
import { workplaceAt } from '../../support/tasks/taskRecord';

const MINUTE_MS = 60_000;

describe('what waits in a window', () => {
  const projects = Projects.ofSuite();
  let folder: string;
  let storage: string;
  let kernel: ProjectKernel;
  let kernels: WorkspaceKernels;
  let attention: Attention;
  let nowMs: number;
  let leaderState: LeaderState;
  let absent: readonly string[];

  beforeEach(async () => {
    nowMs = Date.now();
    leaderState = 'off';
    absent = [];
    folder = await projects.folder();
    kernels = new WorkspaceKernels(testDeps());
    kernel = kernels.add(folder);
    await kernel.initialize();
    storage = await projects.folder();
    attention = open();
    projects.closing(async () => {
      await attention.dispose();
      await kernels.dispose();
    });
  });

  const open = (): Attention =>
    new Attention({
      storages: () => [storage],
      kernels,
      git: testGit(),
      log: silentLog,
      clock: { nowMs: () => nowMs },
      tier: () => 'hard',
      limits: () => ({ minutes: 10, attempts: 3 }),
      leaderState: () => leaderState,
      missingPrograms: () => Promise.resolve(absent),
      held: () => ({ kinds: new Map() }),
      links: { upstreams: () => undefined, onDidChange: () => ({ dispose: () => undefined }) },
      portfolios: undefined,
      onDidChangeWindow: () => ({ dispose: () => undefined }),
    });

  const kinds = (): string[] => attention.items().map(({ kind }) => kind);
  /** Resolves once exactly these wait. */
  const waitsFor = (wanted: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const observeAgents = (): void => {
        if (JSON.stringify(kinds()) !== JSON.stringify(wanted)) return;
        listening.dispose();
        resolve();
      };
      const listening = attention.onDidChange(observeAgents);
      observeAgents();
    });

  const anAgent = async (): Promise<{ readonly id: string; readonly log: string }> => {
    const { log } = await makeDispatchFiles(storage, 'reviewer');
    await writeFile(log, 'Starting\n');
    const row = { agentType: 'codex', projectDir: folder, name: 'Reviewer', outputFile: log };
    const { id } = await kernel.write((u) => createDispatch({ ...u, newId: () => 'reviewer' }, row));
    return { id, log };
  };

  it('has an item for an agent whose log has not grown for too long, without a change of the record', async () => {
    const { log } = await anAgent();
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
    nowMs += 9 * MINUTE_MS;
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
    nowMs += 2 * MINUTE_MS;
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), ['agentSilent']);

    const gone = waitsFor([]);
    await writeFile(log, 'Starting\nStill here\n');
    await utimes(log, nowMs / 1000, nowMs / 1000);
    await gone;
  });

  it('sees an agent that another change brings, and lets it go when it ends', async () => {
    const stuck = waitsFor(['agentSilent']);
    nowMs += 20 * MINUTE_MS;
    const { id } = await anAgent();
    await stuck;
    const gone = waitsFor([]);
    await kernel.write((u) => endDispatch(u, id, { status: 'completed' }));
    await gone;
  });

  it('names programs that agents need before a person allows them, and checks again', async () => {
    leaderState = 'forbidden';
    absent = ['claude'];
    const named = waitsFor(['agentsNotInstalled']);
    await kernel.write((u) => {
      const project = addProject(u, { name: 'parcels', clonePath: '/home/ada/parcels', defaultBranch: 'main' });
      createTask(u, { projectId: project.id, title: 'Greet', description: 'Say hello.' });
    });
    await named;
    absent = [];
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), ['consentNeeded']);
    leaderState = 'leading';
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
  });

  it('takes an agent without a log for one that cannot be judged', async () => {
    await kernel.write((u) => createDispatch(u, { agentType: 'codex', projectDir: folder }));
    nowMs += 60 * MINUTE_MS;
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
  });

  it('is a worker whose attempts left its worktree as it was, until something is there', async () => {
    const clone = await projects.folder();
    const worktree = path.join(await projects.folder(), 'work');
    await git(clone, ['init', '--quiet', '--initial-branch=main']);
    await writeFile(path.join(clone, 'README.md'), 'Parcels\n');
    await git(clone, ['add', '--all']);
    await git(clone, [
      '-c',
      'user.name=Ada',
      '-c',
      'user.email=ada@localhost',
      'commit',
      '--quiet',
      '--message',
      'Start',
    ]);
    const baseSha = await git(clone, ['rev-parse', 'HEAD']);
    await git(clone, ['worktree', 'add', '--quiet', '-b', 'work', worktree]);
    await kernel.write((u) => {
      const project = addProject(u, { name: 'parcels', clonePath: clone, defaultBranch: 'main' });
      const task = createTask(u, { projectId: project.id, title: 'Greet', description: 'Say hello.' });
      const { id } = addSubtask(u, { taskId: task.id, title: 'Say hello' });
      acceptPlan(u, task.id, { path: 'plan.md' });
      startSubtask(u, id);
      placeSubtask(u, id, workplaceAt('work', worktree, baseSha));
      for (const error of ['no idea', 'still none', 'a third way']) {
        endAgentRun(u, startAgentRun(u, { subtaskId: id }).id, { status: 'FAILED', error });
      }
    });
    await attention.lookAt(kernel);
    const [item] = attention.items();
    assert.deepEqual(
      { kind: item?.kind, title: item?.title, reason: item?.reason },
      { kind: 'agentUnchanging', title: 'Say hello', reason: '3 attempts changed nothing' },
    );
    await writeFile(path.join(worktree, 'hello.txt'), 'Hello\n');
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
  });

  it('shows what an agent asks, until it is answered', async () => {
    const { id } = await anAgent();
    const session = await SessionFixture.make(storage, id);
    await session.write();
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
    const asked = waitsFor(['permissionAsked', 'questionAsked']);
    const file = path.join(folder, 'src/a.ts');
    const edit = permission({
      tool: 'edit',
      paths: [{ path: file, isInside: true }],
      diffs: [{ path: file, oldText: 'a', newText: 'b', isCut: false }],
    });
    await session.write({ requests: [edit, QUESTION] });
    await asked;
    const [{ title, reason, severity, offers, action } = assert.fail(), second] = attention.items();
    assert.deepEqual(
      { title, reason, severity, offers, command: action.command, args: action.args },
      {
        title: 'Reviewer',
        reason: 'edit src/a.ts, requested by Scripted Agent',
        severity: 'blocking',
        offers: ['denial', 'diff'],
        command: 'intercore.session.allow',
        args: { folder, dispatchId: id, number: 1 },
      },
    );
    assert.equal(second?.reason, 'Which parser? (asked by Scripted Agent)');
    assert.equal(second.since, 1_700_000_001);
    const answered = waitsFor(['questionAsked']);
    await session.write({ requests: [QUESTION] });
    await answered;
    const gone = waitsFor([]);
    await kernel.write((u) => endDispatch(u, id, { status: 'completed' }));
    await gone;
  });

  it('has a request that was made before the window opened', async () => {
    const { id } = await anAgent();
    await (await SessionFixture.make(storage, id)).write({ requests: [permission()] });
    await attention.dispose();
    attention = open();
    await waitsFor(['permissionAsked']);
  });

  it('finds a request of a dispatch that another change brings', async () => {
    const asked = waitsFor(['permissionAsked']);
    const { id } = await anAgent();
    await (await SessionFixture.make(storage, id)).write({ requests: [permission()] });
    await asked;
  });

  it('does not call an agent stuck while it waits for a person, or between turns', async () => {
    const { id } = await anAgent();
    const session = await SessionFixture.make(storage, id);
    await session.write({ requests: [permission()] });
    nowMs += 20 * MINUTE_MS;
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), ['permissionAsked']);
    await session.write({ phase: 'idle' });
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), []);
    await session.write();
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), ['agentSilent']);
  });

  it('forgets a folder that leaves, and says so', async () => {
    await anAgent();
    nowMs += 20 * MINUTE_MS;
    await attention.lookAt(kernel);
    assert.deepEqual(kinds(), ['agentSilent']);
    const gone = waitsFor([]);
    await kernels.remove(folder);
    await gone;
  });
});
