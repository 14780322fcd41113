/** `ic agent held|resume|pause`, and the doctor's report of output in unknown forms. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AccountHolds } from '../../../../src/host/state/accountHolds';
import { addDrift } from '../../../../src/host/state/schemaDrift';
import { accountsFolder, driftFolder } from '../../../../src/host/state/stateFolder';
import { databaseLocation } from '../../../../src/host/files/paths';
import { createDispatch, endDispatch, markRunning } from '../../../../src/kernel/dispatch/service';
import { ProjectKernel } from '../../../../src/services/record/kernels';
import { PROCESS } from '../../../support/dispatch/dispatches';
import { testDeps } from '../../../support/projects';
import { git } from '../../../support/dispatch/dispatchFixture';
import { IcProject } from '../../../support/records/icProject';

const ACCOUNT = 'a'.repeat(32);

describe('ic, about agents', function () {
  this.timeout(60_000);
  let project: IcProject;
  let env: Record<string, string>;

  beforeEach(async () => {
    project = await IcProject.open();
    env = { HOME: project.folder, XDG_STATE_HOME: path.join(project.folder, 'state') };
  });
  afterEach(() => project.close());

  it('lists, pauses, and resumes accounts that a usage limit holds', async () => {
    const accounts = new AccountHolds(accountsFolder(env));
    const now = Date.now();
    const untilMs = now + 3_600_000;
    const hold = { account: ACCOUNT, kind: 'claude', reason: 'session limit', sinceMs: now, untilMs, tries: 1 };
    accounts.set(hold);
    const listed = await project.run(['agent', 'held'], { env });
    assert.match(
      listed.stdout,
      new RegExp(`^claude\\s+${ACCOUNT}\\s+${new Date(untilMs).toISOString()}\\s+session limit`),
    );
    assert.equal((await project.run(['agent', 'pause', 'claude'], { env })).stdout, 'paused\n');
    assert.match((await project.run(['agent', 'held'], { env })).stdout, /until you resume it/);
    assert.equal((await project.run(['agent', 'resume', 'claude'], { env })).stdout, 'resumed\n');
    assert.deepEqual(accounts.list(), []);
  });

  it('shows each held account of a kind in ic needs, by its mark', async () => {
    const accounts = new AccountHolds(accountsFolder(env));
    const now = Date.now();
    const hold = { kind: 'claude', reason: 'limit', sinceMs: now, untilMs: now + 3_600_000, tries: 1 };
    const marks = [ACCOUNT, 'b'.repeat(32)];
    for (const account of marks) accounts.set({ ...hold, account });
    await git(project.folder, 'init', '--quiet', '--initial-branch=main');
    const person = ['-c', 'user.name=P', '-c', 'user.email=p@example.com'];
    await git(project.folder, ...person, 'commit', '--quiet', '--allow-empty', '--message=First');
    await project.ok('project', 'add');
    await project.ok(
      'task',
      'create',
      '--title=Late parcels',
      `--body-file=${await project.write('task.md', 'Tell.')}`,
    );
    const needs = async (): Promise<string[][]> => {
      const { stdout } = await project.run(['needs', '--json'], { env });
      const items = JSON.parse(stdout) as Record<string, string>[];
      return items.flatMap(({ title = '', account }) => (account === undefined ? [] : [[title, account]]));
    };
    assert.deepEqual(
      (await needs()).sort(),
      marks.map((mark) => [`claude (${mark.slice(0, 8)})`, mark]),
    );
    await project.run(['agent', 'resume', ACCOUNT], { env });
    assert.deepEqual(await needs(), [['claude', marks[1]]]);
    const kernel = new ProjectKernel(databaseLocation(project.folder), testDeps());
    await kernel.load();
    await kernel.write((u) => {
      const { id } = createDispatch(u, { agentType: 'codex', projectDir: project.folder });
      markRunning(u, id, PROCESS);
      endDispatch(u, id, { status: 'failed', failure: { class: 'signIn', resetsAt: null } });
    });
    await kernel.dispose();
    const { stdout } = await project.run(['needs'], { env });
    const signIns = stdout.split('\n').filter((line) => line.includes('sign in: '));
    assert.deepEqual(
      signIns.map((line) => line.split('\t')[1]),
      ['codex'],
      stdout,
    );
  });

  it('does not list an account whose limit has reset', async () => {
    const now = Date.now();
    const over = { account: ACCOUNT, kind: 'claude', reason: 'x', sinceMs: now - 9, untilMs: now - 1, tries: 1 };
    new AccountHolds(accountsFolder(env)).set(over);
    assert.equal((await project.run(['agent', 'held'], { env })).stdout, '');
  });

  it('shows output in an unknown form, with field and count', async () => {
    const folder = driftFolder(env);
    await addDrift(folder, { kind: 'claude', version: '9.9.9', counts: { 'result.usage: list': 2 } });
    await addDrift(folder, { kind: 'claude', version: '9.9.9', counts: { 'result.usage: list': 1 } });
    const { stdout } = await project.run(['doctor'], { env });
    assert.match(
      stdout.replace(/\s+/g, ' '),
      /claude 9\.9\.9 prints fields that Intercore does not know: result\.usage: list \(3\)/,
    );
  });

  it('shows that lines are too long to read, so that their figures are missing', async () => {
    const programs = path.join(project.folder, 'programs');
    await mkdir(programs);
    const long = 'head -c 2000000 /dev/zero | tr "\\0" x; echo';
    await writeFile(path.join(programs, 'claude'), `#!/bin/sh\ncat > /dev/null\n${long}\n`, { mode: 0o755 });
    await writeFile(path.join(project.folder, 'prompt.md'), 'Work.');
    const own = { ...env, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
    await project.run(['agent', 'allow', 'claude'], { env: own });
    const spawned = await project.run(['dispatch', 'spawn', '--type=claude', '--prompt-file=prompt.md'], { env: own });
    assert.equal(spawned.code, 0, spawned.stderr);
    await project.run(['dispatch', 'wait', spawned.stdout.trim()], { env: own });
    const { stdout } = await project.run(['doctor'], { env: own });
    assert.match(stdout.replace(/\s+/g, ' '), /does not know: line: longer than 1 MB \(1\)/);
  });
});
