import assert from 'node:assert/strict';
import { KernelError } from '../../../src/kernel/errors/errors';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { listArtifacts } from '../../../src/kernel/tracking/service';
import { endAgentRun, linkAgentRun, listAgentRuns, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../src/kernel/tasks/upkeep/invariants';
import {
  acceptPlan,
  addProject,
  createTask,
  failPlanning,
  getTask,
  listTasks,
  openRevision,
  retryPlanning,
  revisePlan,
  taskOfRun,
} from '../../../src/kernel/tasks/service';
import { startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { addSubtask, addSubtaskDependency, listSubtasks } from '../../../src/kernel/tasks/subtask/subtasks';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { refuses } from '../../support/hostile/refusals';
import { aTask, CLONE, planned } from '../../support/tasks/taskRecord';

describe('projects and tasks', () => {
  let kernel: TestKernel;
  beforeEach(async () => {
    kernel = await openTestKernel();
  });
  afterEach(() => assert.deepEqual(kernel.read(taskRecordProblems), []));

  it('knows a repository again, by its own name or by that of its upstream, in any case (D24)', () => {
    const remote = { owner: 'me', repo: 'Parcels', upstream: { owner: 'Them', repo: 'parcels' } };
    kernel.write((u) => addProject(u, { name: 'parcels', clonePath: CLONE, defaultBranch: 'main', remote }));
    const again = { name: 'x', clonePath: '/elsewhere', defaultBranch: 'main' };
    for (const named of [
      { owner: 'them', repo: 'Parcels' },
      { owner: 'ME', repo: 'parcels' },
    ]) {
      refuses(kernel, 'PROJECT_EXISTS', (u) => addProject(u, { ...again, remote: named }));
    }
    refuses(kernel, 'PROJECT_EXISTS', (u) => addProject(u, { ...again, clonePath: CLONE }));
  });

  it('gives an accepted plan back, with all subtasks, until one has started', () => {
    const { task, subtasks } = kernel.write((u) => planned(u, { A: [], B: ['A'] }));
    assert.equal(
      kernel.read((r) => openRevision(r, task.id)),
      undefined,
    );
    kernel.write((u) => revisePlan(u, task.id, 'Shorter'));
    assert.equal(kernel.read((r) => getRun(r, task.runId)).phase, 'planned');
    assert.equal(
      kernel.read((r) => openRevision(r, task.id)),
      'Shorter',
    );
    const states = () => kernel.read((r) => listSubtasks(r, task.id)).map(({ status }) => status);
    assert.deepEqual(states(), ['PENDING', 'PENDING']);
    kernel.write((u) => failPlanning(u, task.id, 'stopped'));
    kernel.write((u) => retryPlanning(u, task.id));
    assert.equal(
      kernel.read((r) => openRevision(r, task.id)),
      'Shorter',
    );
    kernel.write((u) => acceptPlan(u, task.id, { path: 'plan.md' }));
    assert.deepEqual(states(), ['READY', 'BLOCKED']);
    assert.equal(
      kernel.read((r) => openRevision(r, task.id)),
      undefined,
    );
    kernel.write((u) => startSubtask(u, subtasks['A']?.id ?? ''));
    const { refusal } = refuses(kernel, 'TASK_STATE', (u) => revisePlan(u, task.id, 'Longer'));
    assert.equal(refusal, 'taskStarted');
  });

  it('makes a task with the run that guards it', () => {
    const task = kernel.write((u) => aTask(u));
    assert.equal(task.status, 'PLANNING');
    const run = kernel.read((r) => getRun(r, task.runId));
    assert.deepEqual(
      { goal: run.goal, projectDir: run.projectDir, phase: run.phase },
      { goal: task.title, projectDir: CLONE, phase: 'planned' },
    );
    assert.deepEqual(run.phases, ['planned', 'executing', 'review', 'done']);
    assert.equal(kernel.read((r) => taskOfRun(r, run.id))?.id, task.id);
  });

  it('trims titles and refuses empty and endless ones', () => {
    const { projectId } = kernel.write((u) => aTask(u));
    const task = kernel.write((u) => createTask(u, { projectId, title: '  x  ', description: ' y ' }));
    assert.deepEqual({ title: task.title, description: task.description }, { title: 'x', description: 'y' });
    refuses(kernel, 'INVALID_ARGUMENT', (u) => createTask(u, { projectId, title: ' ', description: 'y' }));
    refuses(kernel, 'INVALID_ARGUMENT', (u) => createTask(u, { projectId, title: 'x'.repeat(201), description: 'y' }));
    refuses(kernel, 'NOT_FOUND', (u) => createTask(u, { projectId: 'unknown', title: 'x', description: 'y' }));
  });

  it('never stays in planning when planning came to nothing: the reason is kept (D4)', () => {
    const task = kernel.write((u) => aTask(u));
    const failed = kernel.write((u) => failPlanning(u, task.id, 'claude is not installed'));
    assert.deepEqual(
      { status: failed.status, planningError: failed.planningError },
      { status: 'PLANNING_FAILED', planningError: 'claude is not installed' },
    );
    const again = kernel.write((u) => retryPlanning(u, task.id));
    assert.deepEqual(
      { status: again.status, planningError: again.planningError },
      { status: 'PLANNING', planningError: null },
    );
    refuses(kernel, 'TASK_STATE', (u) => retryPlanning(u, task.id));
  });

  it('does not become active without subtasks (D5)', () => {
    const task = kernel.write((u) => aTask(u));
    const { problem } = refuses(kernel, 'PLAN_INVALID', (u) => acceptPlan(u, task.id, { path: 'plan.md' }));
    assert.match(problem.text, /no subtasks/);
  });

  it('becomes active with its plan as the evidence, and its run goes to executing', () => {
    const { task } = kernel.write((u) => planned(u, { A: [], B: ['A'] }));
    assert.deepEqual(
      { status: task.status, plannedAt: task.plannedAt },
      { status: 'ACTIVE', plannedAt: kernel.clock.now },
    );
    const states = kernel
      .read((r) => listSubtasks(r, task.id))
      .map((one) => [one.title, one.status, one.blockedReason]);
    assert.deepEqual(states, [
      ['A', 'READY', null],
      ['B', 'BLOCKED', 'DEPENDENCY'],
    ]);
    assert.equal(kernel.read((r) => getRun(r, task.runId)).phase, 'executing');
    assert.deepEqual(
      kernel.read((r) => phaseEvents(r, task.runId)).map(({ type, gateResult }) => [type, gateResult]),
      [['advance', 'pass']],
    );
    assert.equal(kernel.read((r) => listArtifacts(r, task.runId))[0]?.path, 'plan.md');
  });

  it('shows the circle of a plan that another program stored (D33)', () => {
    const task = kernel.write((u) => aTask(u));
    const a = kernel.write((u) => addSubtask(u, { taskId: task.id, title: 'first' }));
    const b = kernel.write((u) => addSubtask(u, { taskId: task.id, title: 'second' }));
    kernel.write((u) => addSubtaskDependency(u, b.id, a.id));
    kernel.exec(`INSERT INTO subtask_dependencies VALUES ('${a.id}', '${b.id}', 0)`);
    const { problem } = refuses(kernel, 'PLAN_INVALID', (u) => acceptPlan(u, task.id, { path: 'plan.md' }));
    assert.match(problem.text, /first → second → first/);
    kernel.exec(`DELETE FROM subtask_dependencies WHERE subtask_id = '${a.id}'`);
  });

  it('counts the attempts of a planner on and on (D9), one at a time', () => {
    const task = kernel.write((u) => aTask(u));
    const first = kernel.write((u) => startAgentRun(u, { taskId: task.id }));
    assert.deepEqual(
      { attempt: first.attempt, agentType: first.agentType, status: first.status },
      { attempt: 1, agentType: 'PLANNER', status: 'RUNNING' },
    );
    refuses(kernel, 'AGENT_RUNNING', (u) => startAgentRun(u, { taskId: task.id }));
    kernel.write((u) => linkAgentRun(u, first.id, 'dispatch1'));
    refuses(kernel, 'STALE', (u) => linkAgentRun(u, first.id, 'dispatch2'));
    kernel.write((u) => endAgentRun(u, first.id, { status: 'FAILED', error: 'exit code 1' }));
    refuses(kernel, 'STALE', (u) => endAgentRun(u, first.id, { status: 'SUCCEEDED' }));
    kernel.write((u) => failPlanning(u, task.id, 'x'));
    kernel.write((u) => retryPlanning(u, task.id));
    assert.equal(kernel.write((u) => startAgentRun(u, { taskId: task.id })).attempt, 2);
    const runs = kernel.read((r) => listAgentRuns(r, task.id, null));
    assert.deepEqual(
      runs.map(({ attempt, status, errorMessage }) => [attempt, status, errorMessage]),
      [
        [2, 'RUNNING', null],
        [1, 'FAILED', 'exit code 1'],
      ],
    );
  });

  it('says which task is not there', () => {
    assert.throws(
      () => kernel.read((r) => getTask(r, 'unknown')),
      (error) => KernelError.is(error, 'NOT_FOUND'),
    );
    assert.deepEqual(
      kernel.read((r) => listTasks(r)),
      [],
    );
  });
});
