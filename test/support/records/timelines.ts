/** A run with a story, in a real kernel: several days of work with a block, an override, a rollback and dispatches. */
import { setRunBudget } from '../../../src/kernel/budget/reservation/limits';
import { reserve } from '../../../src/kernel/budget/reservation/reservations';
import { createDispatch, endDispatch, markRunning, recordProgress } from '../../../src/kernel/dispatch/service';
import type { Run } from '../../../src/kernel/run/record/model';
import { getRun } from '../../../src/kernel/run/record/queries';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../src/kernel/tracking/service';
import type { TestFolder } from './viewFixture';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const process = {
  pid: 4711,
  argv: ['agent'],
  cwd: '/projects/alpha',
  logFile: '/l',
  exitFile: '/e',
  startToken: null,
  host: 'h',
};

/** Works for the run from now on, for so many seconds; undefined: it is still running. */
export function work(folder: TestFolder, run: Run, name: string, seconds?: number, tokens = 1000): string {
  const { clock } = folder.kernel;
  const { id } = folder.write((u) => {
    return createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: run.id, name });
  });
  folder.write((u) => markRunning(u, id, process));
  if (seconds !== undefined) {
    clock.advance(seconds);
    folder.write((u) => recordProgress(u, id, { inputTokens: tokens, outputTokens: tokens / 10 }));
    folder.write((u) => endDispatch(u, id, { status: name.includes('fail') ? 'failed' : 'completed', exitCode: 0 }));
  }
  return id;
}

/**
 * Continues the run of `storyOf`: an agent that never reported its usage, one with a larger reservation, and a cost
 * budget.
 */
export function spend(folder: TestFolder, run: Run): void {
  const holds = (id: string, tokens: number, cost: number): void => {
    const request = { tokens: { amount: tokens, basis: 'guess' }, cost: { amount: cost, basis: 'guess' } } as const;
    folder.write((u) => reserve(u, id, request, { isEnforced: false }));
  };
  folder.write((u) => setRunBudget(u, run.id, { cost: 2_000_000 }));
  const silent = work(folder, run, 'Measure it');
  holds(silent, 3000, 400_000);
  folder.kernel.clock.advance(8 * MINUTE);
  folder.write((u) => endDispatch(u, silent, { status: 'failed', exitCode: 1 }));
  folder.kernel.clock.advance(2 * MINUTE);
  holds(work(folder, run, 'Write it down'), 2000, 300_000);
  folder.kernel.clock.advance(6 * MINUTE);
}

export function storyOf(folder: TestFolder, goal = 'Ship <b>it</b>'): Run {
  const { clock } = folder.kernel;
  const phases = ['planned', 'executing', 'review', 'done'];
  const run = folder.write((u) => createRun(u, { projectDir: folder.folder, goal, phases }));
  const advance = (): unknown => folder.write((u) => advanceRun(u, run.id, { tier: 'hard' }));
  const add = (phase: string, path: string): unknown =>
    folder.write((u) => addArtifact(u, { runId: run.id, phase, path }));
  folder.write((u) => setRun(u, run.id, { tokenBudget: 20_000 }));
  clock.advance(5 * MINUTE);
  advance();
  clock.advance(5 * MINUTE);
  add('planned', 'docs/plan.md');
  advance();
  work(folder, run, 'Build it', 40 * MINUTE, 4000);
  work(folder, run, 'Test it and fail', 10 * MINUTE, 2500);
  clock.advance(14 * HOUR);
  add('executing', 'docs/result.md');
  advance();
  clock.advance(20 * MINUTE);
  folder.write((u) => rollbackRun(u, run.id, { toPhase: 'executing', reason: 'The map is wrong' }));
  work(folder, run, 'Fix it', 30 * MINUTE, 6000);
  folder.write((u) => overrideGate(u, run.id, { reason: 'The customer waits' }));
  clock.advance(3 * MINUTE);
  work(folder, run, 'Review it');
  return folder.kernel.read((r) => getRun(r, run.id));
}
