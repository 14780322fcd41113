/** Canceling or rolling back a run ends the processes that work for it, and no others. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { databaseLocation } from '../../../../src/host/files/paths';
import { dispatchId } from '../../../../src/kernel/ids';
import { linkAgentRun, startAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import type { Unit } from '../../../../src/kernel/unit';
import { ProjectKernel } from '../../../../src/services/record/kernels';
import { testDeps } from '../../../support/projects';
import { aTask, planned } from '../../../support/tasks/taskRecord';
import { IcProject } from '../../../support/records/icProject';

interface Agent {
  readonly id: string;
  readonly pid: number;
}

describe('the agents of a canceled or rolled-back run', function () {
  this.timeout(60_000);
  let project: IcProject;
  let agents: Agent[];

  beforeEach(async () => {
    project = await IcProject.open();
    agents = [];
  });

  afterEach(async () => {
    for (const { pid } of agents.filter(lives)) process.kill(pid, 'SIGKILL');
    await project.close();
  });

  const newRun = (...flags: string[]): Promise<string> => project.ok('run', 'create', '--goal=g', ...flags);

  /** An agent that runs until it is ended. */
  async function start(scope: string): Promise<Agent> {
    const name = `agent-${agents.length}`;
    await project.write('task.sh', `echo $$ > ${name}.tmp && mv ${name}.tmp ${name}.pid\nexec sleep 600\n`);
    const flags = ['--type=shell', '--prompt-file=task.sh', `--scope-id=${scope}`];
    const id = await project.ok('dispatch', 'spawn', ...flags);
    const agent = { id, pid: await pidIn(project.at(`${name}.pid`)) };
    agents.push(agent);
    return agent;
  }

  /** The agent writes it first. */
  async function pidIn(file: string): Promise<number> {
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text !== '') return Number(text);
      await delay(10);
    }
  }

  function lives({ pid }: Agent): boolean {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }

  it('is ended by ic, where the planning of a task or the work on a subtask is stopped', async () => {
    const [planner, worker] = [await start('p'), await start('w')];
    const kernel = new ProjectKernel(databaseLocation(project.folder), testDeps());
    await kernel.load();
    const attempt = (u: Unit, of: Parameters<typeof startAgentRun>[1], { id }: Agent): unknown =>
      linkAgentRun(u, startAgentRun(u, of).id, dispatchId.parse(id));
    const [task, subtask] = await kernel.write((u) => {
      const { id: taskId } = aTask(u);
      attempt(u, { taskId }, planner);
      const subtaskId = planned(u, { A: [] }).subtasks['A']?.id ?? assert.fail();
      startSubtask(u, subtaskId);
      attempt(u, { subtaskId }, worker);
      return [taskId, subtaskId];
    });
    await kernel.dispose();
    assert.equal(await project.ok('task', 'stop', task), 'stopped');
    assert.deepEqual([lives(planner), lives(worker)], [false, true]);
    assert.equal(await project.ok('subtask', 'stop', subtask), 'stopped');
    assert.equal(lives(worker), false);
    assert.deepEqual(await endings(), ['cancelled|stopped', 'cancelled|stopped']);
  });

  it('is reported by ic dispatch kill with its ending, if it has ended before', async () => {
    const { id } = await start('s');
    assert.deepEqual(await project.run(['dispatch', 'kill', id]), { code: 0, stdout: 'killed\n', stderr: '' });
    const again = await project.run(['dispatch', 'kill', id]);
    assert.deepEqual({ code: again.code, stdout: again.stdout }, { code: 0, stdout: 'killed\n' });
    assert.match(
      again.stderr,
      new RegExp(`^ic: dispatch kill: dispatch ${id} had already ended at \\S+, cancelled: killed by user$`, 'm'),
    );
  });

  const endings = (): Promise<string[]> =>
    project.rows('SELECT status, error_message FROM dispatches ORDER BY created_at, rowid');

  it('end when it is canceled, with the output of the original', async () => {
    const run = await newRun();
    const agent = await start(run);
    const { code, stdout, stderr } = await project.run(['run', 'cancel', run]);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'cancelled\n', stderr: '' });
    assert.equal(lives(agent), false);
    assert.deepEqual(await endings(), [`cancelled|run ${run} cancelled`]);
  });

  it('end when a portfolio is canceled with the children of its database', async () => {
    const [portfolio = ''] = (await newRun(`--projects=${project.at('a')},${project.at('b')}`)).split('\n');
    const [child = ''] = await project.rows(`SELECT id FROM runs WHERE parent_run_id = '${portfolio}'`);
    const agent = await start(child);
    const { code, stdout } = await project.run(['run', 'cancel', portfolio]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'cancelled (portfolio + 2 children)\n' });
    assert.equal(lives(agent), false);
    assert.deepEqual(await endings(), [`cancelled|run ${portfolio} cancelled`]);
  });

  it('end when it is rolled back to an earlier phase', async () => {
    const run = await newRun('--phases=["a","b","c"]');
    await project.ok('run', 'advance', run);
    const agent = await start(run);
    const { code, stdout } = await project.run(['run', 'rollback', run, '--to-phase=a', '--reason=no']);
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { cancelled_dispatches: number }).cancelled_dispatches, 1);
    assert.equal(lives(agent), false);
    assert.deepEqual(await endings(), [`cancelled|run ${run} rolled back to a`]);
  });

  it('continue if they work for another run too, or for none', async () => {
    const run = await newRun('--scope-id=shared');
    await newRun('--scope-id=shared');
    const shared = await start('shared');
    const other = await start('other');
    assert.equal(await project.ok('run', 'cancel', run), 'cancelled');
    assert.deepEqual({ livesShared: lives(shared), livesOther: lives(other) }, { livesShared: true, livesOther: true });
    assert.deepEqual(await endings(), ['running|', 'running|']);
    for (const { id } of [shared, other]) await project.ok('dispatch', 'kill', id);
  });

  it('are reported and left running on another machine', async () => {
    const run = await newRun();
    const agent = await start(run);
    await project.rows(`UPDATE dispatch_processes SET host = 'elsewhere'`);
    const { code, stdout, stderr } = await project.run(['run', 'cancel', run]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'cancelled\n' });
    assert.match(stderr, new RegExp(`^ic: run cancel: dispatch ${agent.id} is left as it is: .*elsewhere`));
    assert.equal(lives(agent), true);
    assert.deepEqual(await endings(), ['running|']);
    assert.deepEqual(await project.rows(`SELECT status FROM runs WHERE id = '${run}'`), ['cancelled']);
  });

  it('can cancel it, and then end after the others', async () => {
    const run = await newRun();
    const other = await start(run);
    await project.write('own.sh', `ic run cancel > said; sleep 600\n`);
    const flags = ['--type=shell', '--prompt-file=own.sh', `--scope-id=${run}`];
    const own = await project.ok('dispatch', 'spawn', ...flags);
    await project.run(['dispatch', 'wait', own, '--poll=50ms']);
    assert.equal(lives(other), false);
    assert.equal(await readFile(project.at('said'), 'utf8'), 'cancelled\n');
    assert.deepEqual(await endings(), Array(2).fill(`cancelled|run ${run} cancelled`));
  });
});
