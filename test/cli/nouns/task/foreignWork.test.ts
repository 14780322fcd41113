/**
 * Work that came with a folder waits for a person, and agents run only after a person has allowed their command line.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FolderLedger } from '../../../../src/host/files/folderLedger';
import { databaseLocation } from '../../../../src/host/files/paths';
import { ledgerFolder } from '../../../../src/host/state/stateFolder';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { dispatchId } from '../../../../src/kernel/ids';
import { enqueue } from '../../../../src/kernel/queue/service';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { failStage } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import type { Sync, Unit } from '../../../../src/kernel/unit';
import { OwnWork } from '../../../../src/services/dispatch/context/ownWork';
import { ProjectKernel } from '../../../../src/services/record/kernels';
import { testDeps } from '../../../support/projects';
import { planned } from '../../../support/tasks/taskRecord';
import { IcProject } from '../../../support/records/icProject';
import { McpSession } from '../../../support/ic/mcp';

describe('a record that came with its folder', function () {
  this.timeout(60_000);
  let project: IcProject;
  const sessions: McpSession[] = [];

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await project.close();
  });

  it('starts no agent that another user has entered, when its run is advanced', async () => {
    const run = await project.ok('run', 'create', '--goal=x', '--phases=["planned","executing","done"]');
    await project.write('.ic/prompts/smith.md', `touch '${project.at('canary')}'\n`);
    await project.ok('run', 'agent', 'add', run, '--type=shell', '--name=smith');
    // As on the machine of another user, who has cloned it.
    await rm(project.at('state'), { recursive: true });
    const { code, stderr } = await project.run(['run', 'advance', run]);
    assert.equal(code, 0);
    assert.match(stderr, /was not started: it came with this folder/);
    assert.deepEqual(await project.rows('SELECT id FROM dispatches'), []);
    assert.equal(existsSync(project.at('canary')), false);
  });

  const kinds = async (args: readonly string[]): Promise<Record<string, string>> => ({
    INTERCORE_AGENT_KINDS: await project.write(
      'kinds.json',
      JSON.stringify([{ name: 'helper', command: 'sh', args, promptBy: 'file' }]),
    ),
  });

  async function server(env: Readonly<Record<string, string>>): Promise<McpSession> {
    const session = await McpSession.open({ cwd: project.folder, env: { ...project.env, ...env } });
    sessions.push(session);
    return session;
  }

  it('runs agents for a client only while their kind is allowed in its current definition', async () => {
    const env = await kinds(['${promptFile}']);
    const start = { kind: 'helper', prompt: 'true' };
    assert.deepEqual(await (await server(env)).call('dispatches_start', start), { code: 'AGENT_NOT_ALLOWED' });
    assert.deepEqual(await (await server(env)).call('dispatches_queue', start), { code: 'AGENT_NOT_ALLOWED' });
    assert.equal((await project.run(['agent', 'allow', 'helper'], { env })).code, 0);
    assert.ok('result' in (await (await server(env)).call('dispatches_start', start)));
    const changed = await kinds(['${promptFile}', '--more']);
    assert.deepEqual(await (await server(changed)).call('dispatches_start', start), { code: 'AGENT_NOT_ALLOWED' });
    assert.equal((await project.run(['agent', 'revoke', 'helper'], { env })).code, 0);
    await kinds(['${promptFile}']);
    assert.deepEqual(await (await server(env)).call('dispatches_start', start), { code: 'AGENT_NOT_ALLOWED' });
  });

  it('does not let agents allow agents', async () => {
    const { code } = await project.run(['agent', 'allow', 'claude'], { env: { INTERCORE_DISPATCH_ID: 'd1' } });
    assert.equal(code, 1);
  });

  async function write<T>(work: (u: Unit) => Sync<T>): Promise<T> {
    const kernel = new ProjectKernel(databaseLocation(project.folder), testDeps());
    await kernel.load();
    try {
      return await kernel.write(work);
    } finally {
      await kernel.dispose();
    }
  }

  /** A folder for PATH, with programs that do nothing. */
  async function programsWith(...names: readonly string[]): Promise<string> {
    const programs = project.at('programs');
    await mkdir(programs, { recursive: true });
    for (const name of names) await writeFile(path.join(programs, name), '', { mode: 0o755 });
    return programs;
  }

  it('is listed by ic needs with the commands that allow it, until everything is allowed', async () => {
    const { task } = await write((u) => planned(u, { A: [] }));
    const env = { HOME: project.at('home'), PATH: `${await programsWith('claude')}:/usr/bin:/bin` };
    const allowed = async (): Promise<unknown> => {
      const listed = await project.run(['needs', '--json'], { env });
      const items = JSON.parse(listed.stdout) as { kind: string; ic?: string[] }[];
      return items.find(({ kind }) => kind === 'consentNeeded')?.ic;
    };
    assert.deepEqual(await allowed(), ['ic agent allow claude', 'ic lead --allow-tasks']);
    assert.equal((await project.run(['agent', 'allow', 'claude'], { env })).code, 0);
    assert.deepEqual(await allowed(), ['ic lead --allow-tasks']);
    assert.match(
      (await project.run(['needs'], { env })).stdout,
      /^Agents not allowed\t.*\tallow: ic lead --allow-tasks$/m,
    );
    new OwnWork(new FolderLedger(ledgerFolder({ ...env, ...project.env }), 'work')).noteTasks(project.folder, [
      task.id,
    ]);
    assert.equal(await allowed(), undefined);
  });

  it('is listed by ic needs with what its agents lack, each with the command that installs it', async () => {
    await write((u) => planned(u, { A: [] }));
    const programs = await programsWith();
    const needs = async (agent: string): Promise<unknown> => {
      await project.write('config/Code/User/settings.json', JSON.stringify({ 'intercore.agents.default': agent }));
      const home = { HOME: project.at('home'), XDG_CONFIG_HOME: project.at('config') };
      const env = { ...home, PATH: `${programs}:/usr/bin:/bin` };
      const listed = JSON.parse((await project.run(['needs', '--json'], { env })).stdout) as Record<string, unknown>[];
      const { kind, reason, ic } = listed.find(({ command }) => command === 'intercore.project.allowAgents') ?? {};
      return { kind, programs: /PATH: (.*)$/.exec(String(reason))?.[1], ic };
    };
    const allowances = (kind: string): string[] => [`ic agent allow ${kind}`, 'ic lead --allow-tasks'];
    assert.deepEqual(await needs('claude'), {
      kind: 'agentsNotInstalled',
      programs: 'claude',
      ic: ['npm install -g @anthropic-ai/claude-code', ...allowances('claude')],
    });
    assert.deepEqual(await needs('codex-acp'), {
      kind: 'agentsNotInstalled',
      programs: 'codex-acp, codex',
      ic: ['ic agent add codex-acp', 'npm install -g @openai/codex', ...allowances('codex-acp')],
    });
    await programsWith('claude');
    const found = { kind: 'consentNeeded', programs: undefined, ic: allowances('claude') };
    assert.deepEqual(await needs('claude'), found);
  });

  it('shows in ic needs how to allow the kind of agent that a subtask waits for', async () => {
    const { message: reason } = new KernelError('AGENT_NOT_ALLOWED', { kind: 'codex', folder: project.folder });
    await write((u) => {
      const id = planned(u, { A: [] }).subtasks['A']?.id ?? assert.fail();
      startSubtask(u, id);
      const failure = { reason, code: 'AGENT_NOT_ALLOWED', failure: 'person', passesAt: null, pause: () => 0 } as const;
      failStage(u, { stage: 'start', subject: id, ...failure });
    });
    assert.match(await project.ok('needs'), /^Subtask failed\tA\t.*\tallow: ic agent allow codex$/m);
  });

  it('shows in ic needs how to start a queued dispatch of another machine', async () => {
    const id = dispatchId.parse('aaaaaaaa');
    const request = { kind: 'codex', prompt: { file: 'prompt.md' } };
    await write((u) => enqueue(u, { id, projectDir: project.folder, request, queuedAtMs: 5000 }));
    assert.match(
      await project.ok('needs'),
      /^Queued dispatch not allowed\tcodex\t.*\tstart: ic dispatch queue start aaaaaaaa$/m,
    );
  });
});
