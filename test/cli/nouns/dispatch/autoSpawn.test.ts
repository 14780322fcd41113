import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as z from 'zod';
import type { IcResult } from '../../../support/ic/ic';
import { IcProject } from '../../../support/records/icProject';
import { PASSES, readWrapperCall, wrapperScript } from '../../../support/dispatch/wrapperScript';

const HOOK = '#!/bin/sh\n{ cat; echo; } >> dispatch-events.jsonl\n';
const hookInput = z.object({ run_id: z.string(), type: z.string(), from_state: z.string(), to_state: z.string() });

describe('ic run advance into executing', function () {
  this.timeout(120_000);
  let project: IcProject;
  let run: string;

  beforeEach(async () => {
    project = await IcProject.open();
    run = await newRun();
  });
  afterEach(() => project.close());

  const newRun = (...flags: string[]): Promise<string> =>
    project.ok('run', 'create', '--goal=g', '--phases=["planned","executing","review","done"]', ...flags);
  const agent = (...flags: string[]): Promise<string> => project.ok('run', 'agent', 'add', run, ...flags);
  const prompt = (name: string, text: string): Promise<string> => project.write(`.ic/prompts/${name}.md`, text);
  const advance = (args: readonly string[] = [], env: Record<string, string> = {}): Promise<IcResult> =>
    project.run(['run', 'advance', run, ...args], { env });
  const agents = (): Promise<string[]> =>
    project.rows('SELECT name, agent_type, status, dispatch_id IS NOT NULL FROM run_agents ORDER BY name');
  const dispatches = (): Promise<string[]> =>
    project.rows('SELECT name, agent_type, status, scope_id FROM dispatches ORDER BY name');
  /** Waits for all dispatches, so that no process outlives the test. */
  const finish = async (): Promise<void> => {
    for (const id of await project.rows('SELECT id FROM dispatches')) {
      await project.run(['dispatch', 'wait', id, '--poll=50ms']);
    }
  };

  it('starts a process for each agent that waits, and records it with the agent', async () => {
    await prompt('smith', 'echo forged > forged.txt\n');
    await prompt('wright', 'exit 4\n');
    const smith = await agent('--type=shell', '--name=smith');
    const wright = await agent('--type=shell', '--name=wright');
    const { code, stdout, stderr } = await advance();
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'planned → executing\n' });
    for (const id of [smith, wright]) assert.ok(stderr.includes(`[event] auto-spawn: agent ${id} started\n`), stderr);
    await finish();
    assert.equal(await readFile(project.at('forged.txt'), 'utf8'), 'forged\n');
    assert.deepEqual(await dispatches(), [`smith|shell|completed|${run}`, `wright|shell|failed|${run}`]);
    assert.deepEqual(await agents(), ['smith|shell|completed|1', 'wright|shell|failed|1']);
    assert.deepEqual(
      await project.rows(`SELECT count(*) FROM run_agents a JOIN dispatches d ON a.dispatch_id = d.id
        AND a.name = d.name AND d.project_dir = '${project.folder}'`),
      ['2'],
    );
    assert.deepEqual(
      await project.rows(
        'SELECT run_id, from_status, to_status, count(*) FROM dispatch_events GROUP BY 1, 2, 3 ORDER BY 2, 3',
      ),
      [`${run}|running|completed|1`, `${run}|running|failed|1`, `${run}|spawned|running|2`],
    );
  });

  it('prints the same JSON with and without agents', async () => {
    await prompt('smith', 'true\n');
    await agent('--type=shell', '--name=smith');
    const { code, stdout } = await advance(['--json']);
    assert.deepEqual(
      { code, stdout },
      {
        code: 0,
        stdout:
          '{"advanced":true,"event_type":"advance","from_phase":"planned","gate_result":"none","gate_tier":"none","reason":"","to_phase":"executing"}\n',
      },
    );
    await finish();
  });

  it('uses the wrapper script that the environment names', async () => {
    const script = await project.write('d.sh', wrapperScript(PASSES));
    await prompt('smith', 'Forge it.');
    await agent('--type=smithy', '--name=smith');
    assert.equal((await advance([], { CLAVAIN_DISPATCH_SH: script })).code, 0);
    await finish();
    const [output = ''] = await project.rows('SELECT output_file FROM dispatches');
    const call = await readWrapperCall(output);
    assert.deepEqual(
      { prompt: call.prompt, argv: call.argv.slice(-4) },
      { prompt: 'Forge it.', argv: ['-n', 'smith', '--sandbox', 'workspace-write'] },
    );
    assert.deepEqual(await project.rows('SELECT agent_type, verdict_status, status FROM dispatches'), [
      'smithy|pass|completed',
    ]);
  });

  it('calls the hook for every dispatch that it starts, and for an end that it notices', async () => {
    await project.write('.clavain/hooks/on-dispatch-change', HOOK, 0o755);
    await project.ok('hooks', 'allow');
    await prompt('smith', 'true\n');
    await agent('--type=shell', '--name=smith');
    assert.equal((await advance()).code, 0);
    await finish();
    const lines = (await readFile(project.at('dispatch-events.jsonl'), 'utf8')).trim().split('\n');
    const event = { run_id: run, type: 'status_change' };
    assert.deepEqual(
      lines.map((line) => hookInput.parse(JSON.parse(line))),
      [
        { ...event, from_state: 'spawned', to_state: 'running' },
        { ...event, from_state: 'running', to_state: 'completed' },
      ],
    );
  });

  describe('reports why an agent cannot be started, and still moves the run', () => {
    const isReported = async (id: string, reason: RegExp): Promise<void> => {
      const { code, stdout, stderr } = await advance();
      assert.deepEqual({ code, stdout }, { code: 0, stdout: 'planned → executing\n' });
      const failure = stderr.split('\n').find((line) => line.startsWith(`[event] auto-spawn: agent ${id} failed: `));
      assert.match(failure ?? '', reason, stderr);
      assert.equal(await project.ok('run', 'phase', run), 'executing');
    };

    it('no name', async () => {
      const id = await agent('--type=shell');
      await isReported(id, new RegExp(`agent ${id} has no prompt file and no name for convention lookup`));
      assert.deepEqual(
        { dispatches: await dispatches(), agents: await agents() },
        { dispatches: [], agents: ['|shell|active|0'] },
      );
    });

    it('no prompt with its name', async () => {
      await isReported(await agent('--type=shell', '--name=smith'), /smith\.md/);
      assert.deepEqual(
        { dispatches: await dispatches(), agents: await agents() },
        { dispatches: [], agents: ['smith|shell|active|0'] },
      );
    });

    it('no agent kind of its type', async () => {
      await prompt('smith', 'true');
      await isReported(await agent('--type=smithy', '--name=smith'), /There is no agent kind "smithy"/);
      assert.deepEqual(
        { dispatches: await dispatches(), agents: await agents() },
        { dispatches: [], agents: ['smith|smithy|active|0'] },
      );
    });

    it('a missing program, with a failed dispatch', async () => {
      await prompt('smith', 'true');
      await project.write('.clavain/hooks/on-dispatch-change', HOOK, 0o755);
      await project.ok('hooks', 'allow');
      const id = await agent('--type=codex', '--name=smith');
      const { code, stderr } = await advance([], { PATH: '/usr/bin:/bin' });
      assert.equal(code, 0);
      assert.match(stderr, new RegExp(`auto-spawn: agent ${id} failed: .*"codex" could not be started`));
      assert.deepEqual(await dispatches(), [`smith|codex|failed|${run}`]);
      assert.deepEqual(await agents(), ['smith|codex|failed|1']);
      const event = hookInput.parse(JSON.parse(await readFile(project.at('dispatch-events.jsonl'), 'utf8')));
      assert.deepEqual(
        { fromState: event.from_state, toState: event.to_state },
        { fromState: 'spawned', toState: 'failed' },
      );
    });

    it('a problem of one agent, and starts the next', async () => {
      await prompt('wright', 'true');
      const nameless = await agent('--type=shell');
      await agent('--type=shell', '--name=wright');
      await isReported(nameless, /no name/);
      await finish();
      assert.deepEqual(await agents(), ['|shell|active|0', 'wright|shell|completed|1']);
    });
  });

  describe('starts nothing', () => {
    beforeEach(async () => {
      await prompt('smith', 'true\n');
      await agent('--type=shell', '--name=smith');
    });
    const stillWaits = async (): Promise<void> => {
      assert.deepEqual(
        { dispatches: await dispatches(), agents: await agents() },
        { dispatches: [], agents: ['smith|shell|active|0'] },
      );
    };

    it('if the gate blocks', async () => {
      const { code, stderr } = await advance(['--priority=0']);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
      await stillWaits();
    });

    it('if the run is paused', async () => {
      await project.ok('run', 'set', run, '--auto-advance=false');
      const { code, stderr } = await advance();
      assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
      await stillWaits();
    });

    it('on the way into another phase', async () => {
      await project.ok('run', 'skip', run, 'executing', '--reason=r');
      const { code, stdout, stderr } = await advance();
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'planned → review\n', stderr: '' });
      await stillWaits();
    });

    it('for agents that have ended, and for those of other runs', async () => {
      const [id = ''] = await project.rows('SELECT id FROM run_agents');
      await project.ok('run', 'agent', 'update', id, '--status=completed');
      const mine = run;
      run = await newRun();
      await agent('--type=shell', '--name=smith');
      run = mine;
      const { code, stderr } = await advance();
      assert.deepEqual({ code, stderr, dispatches: await dispatches() }, { code: 0, stderr: '', dispatches: [] });
    });

    it('for an agent that has a dispatch', async () => {
      const dispatch = await project.ok(
        ...['dispatch', 'spawn', '--type=shell', '--prompt-file=.ic/prompts/smith.md', '--name=own'],
      );
      await finish();
      await project.ok('run', 'agent', 'add', run, '--type=shell', '--name=tied', `--dispatch-id=${dispatch}`);
      const { code } = await advance();
      await finish();
      assert.equal(code, 0);
      assert.deepEqual(await project.rows('SELECT name FROM dispatches ORDER BY name'), ['own', 'smith']);
    });
  });
});
