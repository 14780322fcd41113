/**
 * Work that came with a folder, in a trusted window: it waits until the person allows it, and agents of a kind that was
 * defined again wait until that kind is allowed again.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { AttentionItem, AttentionKind } from '../../../src/contract/results/attention';
import { databaseLocation } from '../../../src/host/files/paths';
import { dispatchId } from '../../../src/kernel/ids';
import { enqueue } from '../../../src/kernel/queue/service';
import type { Sync, Unit } from '../../../src/kernel/unit';
import type { Project, Task } from '../../../src/kernel/tasks/record/model';
import { createTask } from '../../../src/kernel/tasks/service';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';
import { itLongIf } from '../../support/long';
import { testDeps } from '../../support/projects';

const PATIENCE_MS = 20_000;
const LOOK_MS = 50;
/** Far longer than a window takes to start an agent that it may start. */
const QUIET_MS = 2000;

/** As in the settings of a person. */
const HELPER = { name: 'helper', command: 'sh', args: ['${promptFile}'], promptBy: 'file', parser: 'plain' };
const REDEFINED: Readonly<Record<string, typeof HELPER>> = {
  'with other arguments': { ...HELPER, args: ['${promptFile}', '--more'] },
  'as another program': { ...HELPER, command: '/bin/sh' },
};

/** A template names these. */
const FACTS = `cat > /dev/null <<'FACTS'\n{{taskTitle}}\n{{taskDescription}}\n{{history}}\nFACTS\n`;

describe('work that came with its folder, in a trusted window', function () {
  this.timeout(90_000);
  const folder = openFolder();
  let api: IntercoreApi;
  let project: Project;
  /** Outside the folder. */
  let scratch: string;
  let ran: string;
  let prompt: string;

  before(async () => {
    api = await withDatabase(folder);
    scratch = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-foreign-')));
    const [known] = await api.projects.list({ folder });
    project = known ?? ((await call('intercore.project.useFolder', { folder })) as Project);
    const planner = path.join(scratch, 'planner.md');
    await writeFile(planner, `${FACTS}touch '${scratch}/planned'\nic subtask create --title="First"\n`);
    await setting('tasks.plannerPrompt', planner);
    await setting('tasks.planner', 'helper');
    await setting('tasks.worker', 'helper');
  });
  beforeEach(async () => {
    await setting('agents.kinds', [HELPER]);
    ran = path.join(scratch, 'ran');
    prompt = path.join(folder, 'prompt-that-came-along.sh');
    await writeFile(prompt, `touch '${ran}'\n`);
  });
  afterEach(async () => {
    for (const { id } of (await api.dispatches.queued({ folder })).queued) {
      await api.dispatches.unqueue({ folder, dispatchId: id });
    }
    for (const { id } of (await api.dispatches.list({ folder, active: true })).dispatches) {
      await api.dispatches.kill({ folder, dispatchId: id });
    }
    for (const { id } of await api.tasks.list({ folder })) await api.tasks.delete({ folder, taskId: id });
    await Promise.all([ran, prompt, path.join(scratch, 'planned')].map((file) => rm(file, { force: true })));
  });
  after(async () => {
    const names = ['tasks.plannerPrompt', 'tasks.planner', 'tasks.worker', 'agents.kinds'];
    for (const name of [...names, 'dispatch.maxConcurrent']) await setting(name, undefined);
    await rm(scratch, { recursive: true, force: true });
  });

  const setting = (name: string, value: unknown): Thenable<void> =>
    vscode.workspace.getConfiguration('intercore').update(name, value, vscode.ConfigurationTarget.Global);
  const allow = () => call('intercore.project.allowAgents', { folder, confirm: true });

  /** Looks until it is so: settings and files say when they are read only by what follows. */
  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (const limit = Date.now() + PATIENCE_MS; !(await isSo());) {
      assert.ok(Date.now() < limit, `${what} never came`);
      await delay(LOOK_MS);
    }
  }

  /** What needs the person, of a kind, in this folder. */
  async function needs(kind: AttentionKind): Promise<readonly AttentionItem[]> {
    return (await api.attention.list({ folder })).filter((item) => item.kind === kind);
  }

  /** As the record of another user has it: by a program that notes nothing in the state of this user. */
  async function recorded<T>(work: (u: Unit) => Sync<T>): Promise<T> {
    const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
    try {
      await kernel.load();
      return await kernel.write(work);
    } finally {
      await kernel.dispose();
    }
  }

  const foreignTask = (): Promise<Task> =>
    recorded((u) => createTask(u, { projectId: project.id, title: 'Came along', description: 'x' }));

  async function foreignQueued(id: string, kind: string, run = prompt): Promise<string> {
    const request = { kind, name: 'Came along', prompt: { file: run } };
    await recorded((u) => {
      enqueue(u, { id: dispatchId.parse(id), projectDir: folder, request, queuedAtMs: Date.now() });
    });
    await until('the queued dispatch', async () => (await waiting()).includes(id));
    return id;
  }

  const waiting = async (): Promise<string[]> =>
    (await api.dispatches.queued({ folder })).queued.map(({ id }) => String(id));
  const dispatches = async (): Promise<readonly string[]> =>
    (await api.dispatches.list({ folder })).dispatches.map(({ id }) => String(id));

  /** Starts nothing for a while, though the window starts what it may. */
  async function startsNothing(before: readonly string[]): Promise<void> {
    const own = await api.dispatches.start({ folder, kind: 'shell', prompt: 'true' });
    await api.dispatches.wait({ folder, dispatchId: own.id });
    await delay(QUIET_MS);
    assert.deepEqual((await dispatches()).filter((id) => id !== own.id).sort(), [...before].sort());
    assert.deepEqual(
      { ranExists: existsSync(ran), pathExists: existsSync(path.join(scratch, 'planned')) },
      { ranExists: false, pathExists: false },
    );
  }

  async function isPlanned(task: Task): Promise<boolean> {
    const { status, planningError } = (await api.tasks.get({ folder, taskId: task.id })).task;
    assert.notEqual(status, 'PLANNING_FAILED', planningError ?? '');
    return status === 'ACTIVE';
  }

  async function waitsToBeAllowed(task: Task, before: readonly string[]): Promise<void> {
    await until('the need', async () => (await needs('consentNeeded')).length === 1);
    await startsNothing(before);
    const { task: found, attempts } = await api.tasks.get({ folder, taskId: task.id });
    assert.deepEqual({ status: found.status, attempts }, { status: 'PLANNING', attempts: [] });
    const [need] = await needs('consentNeeded');
    assert.equal(need?.severity, 'blocking');
    assert.match(
      `${need.heading}. ${need.reason}`,
      /not allowed.*tasks that came with the folder, are not allowed here yet/,
    );
    assert.deepEqual(
      { command: need.action.command, label: need.action.label },
      { command: 'intercore.project.allowAgents', label: 'Allow Agents…' },
    );
  }

  it('has its tasks wait, also where agents are allowed, until the person allows agents to work on them', async () => {
    await allow();
    const before = await dispatches();
    const task = await foreignTask();
    await waitsToBeAllowed(task, before);
    await allow();
    await until('the plan', () => isPlanned(task));
    assert.ok(existsSync(path.join(scratch, 'planned')));
    assert.deepEqual(await needs('consentNeeded'), []);
  });

  for (const [how, redefined] of Object.entries(REDEFINED)) {
    const itThen = itLongIf(how === 'with other arguments');
    itThen(`starts no agent of a kind that was defined again ${how}, until that is allowed`, async () => {
      await allow();
      const before = await dispatches();
      await setting('agents.kinds', [redefined]);
      const start = { folder, kind: 'helper', prompt: `touch '${ran}'` };
      await refuses('AGENT_NOT_ALLOWED', api.dispatches.start(start));
      await refuses('AGENT_NOT_ALLOWED', api.dispatches.queue(start));
      const task = await api.tasks.create({ folder, title: 'My own', description: 'x' });
      await waitsToBeAllowed(task, before);
      await allow();
      await until('the plan', () => isPlanned(task));
      const { id } = await api.dispatches.start(start);
      assert.equal((await api.dispatches.wait({ folder, dispatchId: id })).status, 'completed');
      assert.ok(existsSync(ran));
    });
  }

  for (const [n, kind] of ['shell', 'helper'].entries()) {
    const itThen = itLongIf(kind === 'helper');
    itThen(`has its queued dispatch of the kind ${kind} wait until the person allows it`, async () => {
      await setting('agents.kinds', [{ ...HELPER, args: ['${promptFile}', 'queued'] }]);
      const before = await dispatches();
      const id = await foreignQueued(`foreign${n}`, kind);
      await startsNothing(before);
      assert.deepEqual(await waiting(), [id]);
      const [need] = await needs('workToAllow');
      assert.equal(need?.title, 'Came along');
      assert.match(need.reason, /came with this folder/);
      assert.equal(need.action.command, 'intercore.project.allowAgents');
      await allow();
      await until('the start', async () => (await dispatches()).includes(id));
      assert.equal((await api.dispatches.wait({ folder, dispatchId: id })).status, 'completed');
      assert.ok(existsSync(ran));
      assert.deepEqual({ waiting: await waiting(), needs: await needs('workToAllow') }, { waiting: [], needs: [] });
    });
  }

  it('does not start a queued dispatch whose prompt is elsewhere, even where the person allows it', async () => {
    const elsewhere = path.join(scratch, 'elsewhere.sh');
    await writeFile(elsewhere, `touch '${ran}'\n`);
    const before = await dispatches();
    const id = await foreignQueued('foreign9', 'shell', elsewhere);
    await refuses('RECORDED_ELSEWHERE', allow());
    await startsNothing(before);
    assert.deepEqual(await waiting(), [id]);
  });

  it('keeps a dispatch that the person queued waiting, where its kind is defined again before its turn', async () => {
    await allow();
    await setting('dispatch.maxConcurrent', 1);
    const holder = await api.dispatches.start({ folder, kind: 'shell', prompt: 'exec sleep 300' });
    const { id } = await api.dispatches.queue({ folder, kind: 'helper', prompt: `touch '${ran}'` });
    await setting('agents.kinds', [{ ...HELPER, args: ['${promptFile}', 'again'] }]);
    await api.dispatches.kill({ folder, dispatchId: holder.id });
    await until('the refusal', async () => (await needs('dispatchNotStarted')).length === 1);
    const [need] = await needs('dispatchNotStarted');
    assert.match(need?.reason ?? '', /helper.*allowed|allowed.*helper/i);
    await setting('dispatch.maxConcurrent', undefined);
    await startsNothing(await dispatches());
    assert.deepEqual(await waiting(), [id]);
    await allow();
    await until('the start', () => Promise.resolve(existsSync(ran)));
  });
});
