/** Work that failed in ways whose stored sentences a window shows: of plans, subtasks, stages, and dispatches. */
import assert from 'node:assert/strict';
import { createDispatch, endDispatch } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { because } from '../../../src/kernel/errors/reasons/problem';
import { storedReason } from '../../../src/kernel/errors/reasons/storedReasons';
import { failPlanning, getTask } from '../../../src/kernel/tasks/service';
import { failSubtask, placeSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { failStage } from '../../../src/kernel/tasks/upkeep/stageFailures';
import type { Unit } from '../../../src/kernel/unit';
import { aTask, planned, workplace } from './taskRecord';

const REMEDY = 'Run `claude` and type /login, or set ANTHROPIC_API_KEY.';

/** In a folder that has a project: a plan, a subtask, a stage, and a dispatch. */
export function addFailedWork(u: Unit, folder: string): void {
  const problem = because('its subtasks wait for each other in a circle: {circle}', { circle: '1 → 2 → 1' });
  const unplanned = aTask(u, 'Sort the parcels');
  failPlanning(u, unplanned.id, new KernelError('PLAN_INVALID', { taskId: unplanned.id, problem }).message);

  const { task, subtasks } = planned(u, { 'Count the parcels': [], 'Weigh the parcels': [] });
  const [counting, weighing] = Object.values(subtasks).map(({ id }) => id);
  assert.ok(counting !== undefined && weighing !== undefined);
  for (const id of [counting, weighing]) {
    startSubtask(u, id);
    placeSubtask(u, id, workplace(id));
  }
  const failed = storedReason('exit code {code}', { code: 1 });
  failSubtask(
    u,
    counting,
    storedReason('the check `{command}` failed: {problem}', { command: 'npm test', problem: failed }),
  );
  const gone = new KernelError('GIT_FAILED', {
    command: 'git worktree add',
    folder: '/shop',
    problem: because('{file} is not a file', { file: '/shop/.git' }),
  });
  const met = { reason: gone.message, code: gone.code, failure: 'unknown', passesAt: null } as const;
  failStage(u, { stage: 'prepare', subject: weighing, ...met, pause: () => 3600 });
  for (let tries = 0; tries < 5; tries += 1)
    failStage(u, { stage: 'pullRequests', subject: '', ...met, pause: () => 3600 });

  const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder, scopeId: getTask(u, task.id).runId });
  endDispatch(u, id, { status: 'failed', exitCode: 1, errorMessage: `${failed} · ${REMEDY}` });
}
