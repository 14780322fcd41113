import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import * as z from 'zod';
import { ic, type IcResult } from '../../support/ic/ic';
import { leaveLog } from '../../support/dispatch/leftovers';
import { hasSqlite3, sqlite3 } from '../../support/records/sqlite3';

const json = <T>(result: IcResult, schema: z.ZodType<T>): T => schema.parse(JSON.parse(result.stdout));

describe('ic, as a process', () => {
  let base: string;
  let cwd: string;
  const run = (...args: string[]): Promise<IcResult> => ic(args, { cwd });
  const newRun = async (...flags: string[]): Promise<string> =>
    (await run('run', 'create', '--goal=Add login', ...flags)).stdout.trim();

  before(async () => {
    base = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-')));
  });
  after(() => rm(base, { recursive: true, force: true }));
  beforeEach(async () => {
    cwd = await mkdtemp(path.join(base, 'project-'));
    assert.equal((await run('init')).code, 0);
  });

  it('creates the database at the printed path, and answers health and version', async () => {
    const again = await run('init');
    assert.equal(again.stdout, `initialized ${path.join(cwd, '.clavain/intercore.db')} (schema v10)\n`);
    assert.deepEqual(await run('health'), { code: 0, stdout: 'ok\n', stderr: '' });
    assert.equal((await run('version')).stdout, 'ic 0.3.0\nschema: v10\n');
    assert.equal(await readFile(path.join(cwd, '.clavain/.gitignore'), 'utf8'), '*\n');
  });

  it('reports in health that a dead program left a log, until a write has merged it', async function () {
    if (!hasSqlite3()) return this.skip();
    const file = path.join(cwd, '.clavain/intercore.db');
    await leaveLog(file, "INSERT INTO state (key, scope_id, payload) VALUES ('theirs', 's', '1');");
    const left = await run('health');
    assert.deepEqual({ code: left.code, stdout: left.stdout }, { code: 0, stdout: 'ok\n' });
    assert.match(left.stderr, /write-ahead log/);
    await newRun();
    assert.deepEqual(await run('health'), { code: 0, stdout: 'ok\n', stderr: '' });
    assert.equal(await sqlite3(file, "SELECT count(*) FROM state WHERE key = 'theirs'"), '1');
  });

  it('fails with 2 and a hint if there is no database', async () => {
    const bare = await mkdtemp(path.join(base, 'bare-'));
    const result = await ic(['run', 'list'], { cwd: bare });
    assert.equal(result.code, 2);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /^ic: run list: There is no Intercore database/);
  });

  it('prints a new run as the original does', async () => {
    const created = await run('run', 'create', '--goal=x <b> & y', '--phases=["a","b","c"]', '--json');
    assert.equal(created.code, 0);
    assert.match(created.stdout, /^\{"id":"[a-z0-9]{8}","phase":"a"\}\n$/);
    const { id } = json(created, z.object({ id: z.string() }));
    const status = await run('run', 'status', id, '--json');
    assert.match(
      status.stdout,
      /^\{"auto_advance":true,"complexity":3,"created_at":\d+,"force_full":false,"goal":"x \\u003cb\\u003e \\u0026 y","id":/,
    );
  });

  it('finds the current run by project, or reports that there is none', async () => {
    assert.deepEqual(await run('run', 'current'), { code: 1, stdout: '', stderr: '' });
    assert.equal((await run('run', 'current', '--json')).stdout, '{"found":false}\n');
    const id = await newRun();
    assert.deepEqual(await run('run', 'current'), { code: 0, stdout: `${id}\n`, stderr: '' });
    assert.equal((await run('run', 'current', '--project=/elsewhere')).code, 1);
  });

  it('is blocked by a hard gate, passes with an artifact, and keeps the evidence', async () => {
    const id = await newRun();
    const blocked = await run('run', 'advance', id, '--priority=0');
    assert.deepEqual(
      { code: blocked.code, stdout: blocked.stdout },
      { code: 1, stdout: 'brainstorm (blocked: block)\n' },
    );
    const check = await run('gate', 'check', id);
    assert.equal(check.code, 1);
    assert.equal(
      check.stdout,
      'brainstorm → brainstorm-reviewed: fail (tier: soft)\n' +
        '  [FAIL] artifact_exists (count: 0) — no artifacts found for phase "brainstorm"\n',
    );
    await writeFile(path.join(cwd, 'idea.md'), 'An idea');
    assert.equal((await run('run', 'artifact', 'add', id, '--phase=brainstorm', '--path=idea.md')).code, 0);
    const passed = await run('run', 'advance', id, '--priority=0', '--json');
    assert.equal(passed.code, 0);
    assert.deepEqual(JSON.parse(passed.stdout), {
      advanced: true,
      event_type: 'advance',
      from_phase: 'brainstorm',
      gate_result: 'pass',
      gate_tier: 'hard',
      reason: '{"conditions":[{"check":"artifact_exists","phase":"brainstorm","result":"pass","count":1}]}',
      to_phase: 'brainstorm-reviewed',
    });
    const events = (await run('run', 'events', id)).stdout.split('\n');
    assert.match(events[0] ?? '', /^brainstorm → brainstorm-reviewed\tblock\tfail\t\{"conditions"/);
    assert.match(events[1] ?? '', /^brainstorm → brainstorm-reviewed\tadvance\tpass\t/);
  });

  it('uses its own run inside a dispatch', async () => {
    const id = await newRun();
    await writeFile(path.join(cwd, 'plan.md'), 'A plan');
    const env = { INTERCORE_RUN_ID: id, INTERCORE_DISPATCH_ID: 'd1234567' };
    const added = await ic(['run', 'artifact', 'add', '--path=plan.md'], { cwd, env });
    assert.equal(added.code, 0, added.stderr);
    const list = json(
      await run('run', 'artifact', 'list', id, '--json'),
      z.array(z.object({ phase: z.string(), dispatch_id: z.string() })),
    );
    assert.deepEqual(list, [{ phase: 'brainstorm', dispatch_id: 'd1234567' }]);
  });

  it('rolls back, and prints the result on several lines', async () => {
    const id = await newRun();
    for (let i = 0; i < 2; i++) assert.equal((await run('run', 'advance', id)).code, 0);
    const dry = await run('run', 'rollback', id, '--to-phase=brainstorm', '--dry-run');
    assert.equal(dry.code, 0);
    assert.match(dry.stdout, /^\{\n {2}"dry_run": true,\n/);
    assert.equal((await run('run', 'phase', id)).stdout, 'strategized\n');
    const done = await run('run', 'rollback', id, '--to-phase=brainstorm', '--reason=why');
    assert.deepEqual(JSON.parse(done.stdout), {
      cancelled_dispatches: 0,
      failed_agents: 0,
      from_phase: 'strategized',
      marked_artifacts: 0,
      reason: 'why',
      rolled_back_phases: ['brainstorm-reviewed', 'strategized'],
      to_phase: 'brainstorm',
    });
    assert.equal((await run('run', 'rollback', id, '--to-phase=done')).code, 1);
  });

  it('cancels once', async () => {
    const id = await newRun();
    assert.deepEqual(await run('run', 'cancel', id), { code: 0, stdout: 'cancelled\n', stderr: '' });
    assert.equal((await run('run', 'cancel', id)).code, 1);
    assert.equal((await run('run', 'advance', id)).code, 1);
  });

  it('stores state byte for byte and lets it expire', async () => {
    const document = '{"b":1,"a":[ 1, 2 ]}';
    const set = await ic(['state', 'set', 'my.key', 'scope'], { cwd, input: `${document}\n` });
    assert.deepEqual({ code: set.code, stdout: set.stdout }, { code: 0, stdout: '' });
    assert.equal((await run('state', 'get', 'my.key', 'scope')).stdout, `${document}\n`);
    assert.deepEqual(await run('state', 'get', 'my.key', 'other'), { code: 1, stdout: '', stderr: '' });
    assert.equal((await ic(['state', 'set', 'my.key', 's'], { cwd, input: 'not json' })).code, 2);
    assert.equal((await run('state', 'delete', 'my.key', 'scope')).stdout, 'deleted\n');
  });

  it('throttles with sentinels', async () => {
    assert.deepEqual(await run('sentinel', 'check', 'n', 's', '--interval', '60'), {
      code: 0,
      stdout: 'allowed\n',
      stderr: '',
    });
    assert.deepEqual(await run('sentinel', 'check', 'n', 's', '--interval=60'), {
      code: 1,
      stdout: 'throttled\n',
      stderr: '',
    });
    assert.equal((await run('sentinel', 'check', 'n', 's')).code, 3);
  });

  it('continues where a consumer stopped', async () => {
    const id = await newRun();
    await run('run', 'advance', id);
    const first = await run('events', 'tail', id, '--consumer=me');
    assert.equal(first.stdout.trim().split('\n').length, 1);
    assert.match(
      first.stdout,
      /^\{"id":1,"run_id":"[a-z0-9]{8}","source":"phase","type":"advance","from_state":"brainstorm"/,
    );
    assert.equal((await run('events', 'tail', id, '--consumer=me')).stdout, '');
    await run('run', 'advance', id);
    assert.match((await run('events', 'tail', id, '--consumer=me')).stdout, /^\{"id":2,/);
  });

  it('runs the hook of the project with the event on its standard input', async () => {
    const hooks = path.join(cwd, '.clavain/hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(path.join(hooks, 'on-phase-advance'), '#!/bin/sh\ncat > seen.json\n', { mode: 0o755 });
    assert.equal((await run('hooks', 'allow')).code, 0);
    const id = await newRun();
    await run('run', 'advance', id);
    const seen = z
      .object({ id: z.literal(0), run_id: z.string(), type: z.string(), to_state: z.string() })
      .parse(JSON.parse(await readFile(path.join(cwd, 'seen.json'), 'utf8')));
    assert.deepEqual(seen, { id: 0, run_id: id, type: 'advance', to_state: 'brainstorm-reviewed' });
  });

  it('refuses bad flags and values with 3 and changes nothing', async () => {
    const bad: readonly (readonly string[])[] = [
      ['run', 'create'],
      ['run', 'create', '--goal='],
      ['run', 'create', '--goal=x', '--complexity=6'],
      ['run', 'create', '--goal=x', '--token-budget=0'],
      ['run', 'create', '--goal=x', '--phases=["only"]'],
      ['run', 'create', '--goal=x', '--phases=["a","a"]'],
      ['run', 'create', '--goal=x', '--phases=["a","b c"]'],
      ['run', 'create', '--goal=x', '--project=a', '--projects=a,b'],
      ['run', 'create', '--goal=x', '--nope=1'],
      ['run', 'set', 'x'],
      ['gate', 'override', 'x'],
      ['frobnicate'],
      ['run'],
      ['run', 'advnace', 'x'],
    ];
    for (const args of bad) assert.equal((await run(...args)).code, 3, args.join(' '));
    assert.equal((await run('run', 'list', '--json')).stdout, '[]\n');
  });

  it('reports an unknown id with 1 and not found', async () => {
    for (const args of [
      ['run', 'status'],
      ['run', 'phase'],
      ['run', 'advance'],
      ['run', 'cancel'],
      ['gate', 'check'],
    ]) {
      const result = await run(...args, 'nosuchid');
      assert.deepEqual({ code: result.code, stdout: result.stdout }, { code: 1, stdout: '' }, args.join(' '));
      assert.match(result.stderr, /not found: nosuchid/);
    }
  });

  it('suggests, helps and completes', async () => {
    assert.match((await run('run', 'advnace')).stderr, /did you mean: ic run advance/);
    assert.match((await run('run', 'advance', '--help')).stdout, /--priority=N/);
    assert.match((await run('help', 'gate')).stdout, /check/);
    assert.equal((await run()).code, 0);
    for (const shell of ['bash', 'zsh', 'fish']) assert.equal((await run('completion', shell)).code, 0);
    assert.equal((await run('completion', 'cmd')).code, 3);
  });

  it('keeps --db inside the current directory', async () => {
    assert.equal((await run('run', 'list', '--db=.clavain/intercore.db')).code, 0);
    for (const bad of ['/etc/x.db', '../x.db', 'x.sqlite'])
      assert.equal((await run('run', 'list', `--db=${bad}`)).code, 2, bad);
  });
});
