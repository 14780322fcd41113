/** What is kept run by run is, after whatever happened, what asking about everything again would give. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../src/kernel/errors/errors';
import { createDispatch, endDispatch, pruneDispatches, recordProgress } from '../../../src/kernel/dispatch/service';
import { askOverride } from '../../../src/kernel/gate/service';
import { addDependency, createPortfolio } from '../../../src/kernel/portfolio/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../src/kernel/tracking/service';
import type { Unit } from '../../../src/kernel/unit';
import { endAgentRun, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import {
  completeSubtask,
  failSubtask,
  placeSubtask,
  retrySubtask,
  startSubtask,
} from '../../../src/kernel/tasks/subtask/progress';
import { deleteTask } from '../../../src/kernel/tasks/project/removal';
import { failPlanning, retryPlanning } from '../../../src/kernel/tasks/service';
import { NO_OBSERVATIONS } from '../../../src/services/attention/items/agentItems';
import { attentionOf, type AttentionFacts } from '../../../src/services/attention/attentionOf';
import { FolderNeeds } from '../../../src/services/attention/folderNeeds';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { aTask, planned, workplace } from '../../support/tasks/taskRecord';
import { IS_LONG } from '../../support/long';

const FOLDER = '/projects/parcels';
const SHARED_SCOPE = 'everybody';

/** Steps on the n-th run, dispatch or subtask, counted round; those that the record refuses change nothing. */
const STEPS: Readonly<Record<string, (u: Unit, n: number) => unknown>> = {
  newRun: (u, n) =>
    createRun(u, {
      projectDir: FOLDER,
      goal: `run ${n}`,
      ...(n % 2 === 0 ? { tokenBudget: 100 } : {}),
      ...(n % 3 === 0 ? { scopeId: SHARED_SCOPE } : {}),
      ...(n % 5 === 0 && idAt(u, 'runs', n) !== undefined ? { parentRunId: someRun(u, n) } : {}),
    }),
  newPortfolio: (u) => {
    const { portfolio } = createPortfolio(u, { goal: 'all', projects: ['/p/api', '/p/web'], tokenBudget: 150 });
    addDependency(u, portfolio.id, { upstream: '/p/api', downstream: '/p/web' });
  },
  newTask: (u) => aTask(u),
  newPlan: (u) => planned(u, { A: [], B: ['A'] }),
  advance: (u, n) => advanceRun(u, someRun(u, n), { tier: 'hard' }),
  artifact: (u, n) => addArtifact(u, { runId: someRun(u, n), phase: 'brainstorm', path: `${n}.md` }),
  ask: (u, n) => askOverride(u, someRun(u, n), { reason: 'because' }),
  override: (u, n) => overrideGate(u, someRun(u, n), { reason: 'because' }),
  rollback: (u, n) => rollbackRun(u, someRun(u, n), { toPhase: 'brainstorm' }),
  cancel: (u, n) => cancelRun(u, someRun(u, n)),
  budget: (u, n) => setRun(u, someRun(u, n), { tokenBudget: n % 2 === 0 ? null : 60 }),
  rename: (u, n) => setRun(u, someRun(u, n), { goal: `named ${n}` }),
  dispatch: (u, n) => {
    const scopeId = n % 3 === 0 ? SHARED_SCOPE : someRun(u, n);
    createDispatch(u, { agentType: 'claude', projectDir: FOLDER, scopeId });
  },
  use: (u, n) => recordProgress(u, some(u, 'dispatches', n), { inputTokens: 20 * n }),
  end: (u, n) =>
    endDispatch(u, some(u, 'dispatches', n), { status: 'completed', verdictStatus: n % 2 === 0 ? 'pass' : 'reject' }),
  prune: (u) => pruneDispatches(u, 0),
  failPlanning: (u, n) => failPlanning(u, some(u, 'tasks', n), 'no plan'),
  retryPlanning: (u, n) => retryPlanning(u, some(u, 'tasks', n)),
  deleteTask: (u, n) => deleteTask(u, some(u, 'tasks', n)),
  start: (u, n) => {
    startSubtask(u, some(u, 'subtasks', n));
    placeSubtask(u, some(u, 'subtasks', n), workplace('x'));
  },
  attempt: (u, n) => endAgentRun(u, startAgentRun(u, { subtaskId: some(u, 'subtasks', n) }).id, FAILED),
  complete: (u, n) => completeSubtask(u, some(u, 'subtasks', n), { pullRequest: null }),
  fail: (u, n) => failSubtask(u, some(u, 'subtasks', n), 'red tests'),
  retry: (u, n) => retrySubtask(u, some(u, 'subtasks', n)),
};
const FAILED = { status: 'FAILED', error: 'the same' } as const;

/** Events between the steps: another program writes, the settings change, a view reads. */
const step = fc.record({
  name: fc.constantFrom(...Object.keys(STEPS)),
  n: fc.nat({ max: 11 }),
  by: fc.constantFrom('us', 'us', 'us', 'another'),
  /** Runs that are checked before the pass is paused; 0 if no view reads. */
  looks: fc.constantFrom(0, 1, 3, 1000),
});

const seen = (name: string, n: number) => ({ name, n, by: 'us', looks: 1000 });
/**
 * Cases that are too rare in random runs: the same failure twice, ends of a subtask, a budget that is nearly used up.
 */
const SELDOM = [
  ['newPlan', 'start', 'attempt', 'attempt'].map((name) => seen(name, 0)),
  ['newPlan', 'start', 'fail'].map((name) => seen(name, 0)),
  ['newPlan', 'start', 'complete'].map((name) => seen(name, 0)),
  [seen('newRun', 2), seen('dispatch', 1), seen('use', 4)],
];

function idAt(u: Unit, table: 'runs' | 'dispatches' | 'tasks' | 'subtasks', n: number): string | undefined {
  const ids = u.db.rows(`SELECT id FROM ${table} ORDER BY rowid`, []).map(({ id }) => String(id));
  return ids[n % Math.max(1, ids.length)];
}

function some(u: Unit, table: 'runs' | 'dispatches' | 'tasks' | 'subtasks', n: number): string {
  return idAt(u, table, n) ?? 'none';
}

function someRun(u: Unit, n: number): string {
  return some(u, 'runs', n);
}

/** False for a step that the record refuses. */
function perform(kernel: TestKernel, name: string, n: number): boolean {
  try {
    kernel.clock.advance(1);
    kernel.write((u) => void STEPS[name]?.(u, n));
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

function factsOf(kernel: TestKernel): AttentionFacts {
  return {
    state: { kind: 'ready' },
    leaderState: 'forbidden',
    unrecorded: [],
    held: { kinds: new Map() },
    gates: { tier: 'hard', upstreams: () => undefined },
    agents: {
      nowMs: kernel.clock.nowMs(),
      limits: { minutes: 10, attempts: 2 },
      seen: NO_OBSERVATIONS,
      isQueuedHere: () => true,
    },
  };
}

function refresh(kernel: TestKernel, needs: FolderNeeds, most: number): boolean {
  let left = most;
  return kernel.read((r) => needs.refresh(r, factsOf(kernel), () => (left -= 1) <= 0));
}

describe('what waits in a folder, kept run by run', () => {
  it('is what asking about everything again would give', async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const kernel = await openTestKernel();
        const needs = new FolderNeeds(FOLDER);
        let generation = 0;
        for (const { name, n, by, looks } of steps) {
          if (perform(kernel, name, n) && kernel.touched !== undefined) {
            const { runs, dispatches, subtasks, other } = kernel.touched;
            generation += 1;
            if (by === 'us') needs.note({ generation, origin: 'commit', runs, dispatches, subtasks, other });
            else
              needs.note({
                generation,
                origin: 'file',
                runs: new Set(),
                dispatches: new Set(),
                subtasks: new Set(),
                other: true,
              });
          }
          if (looks === 0 || !refresh(kernel, needs, looks)) continue;
          const expected = kernel.read((r) => attentionOf(r, FOLDER, factsOf(kernel)));
          assert.deepEqual(needs.items, expected, name);
          for (const { kind } of expected) kinds.add(kind);
        }
      }),
      { ...(IS_LONG ? { numRuns: 150 } : { numRuns: 40, seed: 1 }), examples: SELDOM.map((steps) => [steps]) },
    );
    const wanted = [
      'overrideAsked',
      'gateFailed',
      'budgetExceeded',
      'budgetWarning',
      'consentNeeded',
      'planningFailed',
    ];
    const unseen = [...wanted, 'attemptsExhausted', 'workToMerge', 'agentRepeating'].filter((kind) => !kinds.has(kind));
    assert.deepEqual(unseen, [], 'kinds that no sequence brought about');
  }).timeout(120_000);

  it('asks about the touched run only', async () => {
    const kernel = await openTestKernel();
    const ids = kernel.write((u) =>
      Array.from({ length: 30 }, (_, n) => {
        const { id } = createRun(u, { projectDir: FOLDER, goal: `run ${n}` });
        advanceRun(u, id, { tier: 'hard' });
        return id;
      }),
    );
    const needs = new FolderNeeds(FOLDER);
    refresh(kernel, needs, 1000);
    assert.equal(needs.items.length, ids.length);
    kernel.exec("UPDATE runs SET goal = 'unseen'");
    const run = ids[3] ?? assert.fail();
    needs.note({
      generation: 2,
      origin: 'commit',
      runs: new Set([run]),
      dispatches: new Set(),
      subtasks: new Set(),
      other: false,
    });
    assert.equal(refresh(kernel, needs, 1), true, 'one run is all there was to ask about');
    assert.deepEqual(
      needs.items.flatMap(({ title, action }) => (title === 'unseen' ? [action.args.runId] : [])),
      [run],
    );
  });

  it('shows what was known until all has been asked about again', async () => {
    const kernel = await openTestKernel();
    const needs = new FolderNeeds(FOLDER);
    kernel.write((u) => {
      for (let n = 0; n < 3; n++)
        advanceRun(u, createRun(u, { projectDir: FOLDER, goal: `${n}` }).id, { tier: 'hard' });
    });
    assert.equal(refresh(kernel, needs, 1), false);
    assert.equal(needs.items.length, 0);
    assert.equal(refresh(kernel, needs, 1000), true);
    kernel.exec("UPDATE runs SET status = 'cancelled'");
    needs.noteAll();
    assert.equal(refresh(kernel, needs, 2), false);
    assert.equal(needs.items.length, 3);
    assert.equal(refresh(kernel, needs, 1000), true);
    assert.equal(needs.items.length, 0);
  });
});
