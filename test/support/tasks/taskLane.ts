/** A task whose window, or `ic lead`, is killed again and again, and what must be true when it is done after all. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { activeDispatches } from '../../../src/kernel/dispatch/service';
import { getRun } from '../../../src/kernel/run/record/queries';
import { SAVE_STEPS } from '../../../src/host/image/imageFile';
import type { Reader } from '../../../src/kernel/unit';
import { runningAgentRuns } from '../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../src/kernel/tasks/upkeep/invariants';
import { PATIENCE_MS } from '../dispatch/dispatchFixture';
import type { TaskLife } from './taskProgram';
import { TaskFixture } from './taskFixture';

/** Enough for a window to see that one which was about to start an agent when it died never will. */
const LATER_MS = 31_000;

/** Notes when a second agent works for one task or subtask while the first one lives. */
const WATCHED = `
  mark=$(dirname "$INTERCORE_DB")/mark-\${INTERCORE_SUBTASK_ID:-$INTERCORE_TASK_ID}
  if [ -e "$mark" ] && kill -0 "$(cat "$mark")" 2>/dev/null; then touch "$mark-double"; fi
  echo $$ > "$mark"`;

const PLANNER = `${WATCHED}
  [ "$(ic subtask list | wc -l)" -gt 0 ] || {
    a=$(ic subtask create --title="Write A"); b=$(ic subtask create --title="Write B")
    ic subtask depend "$b" --on="$a"; }
  [ "$(ic subtask list | wc -l)" -eq 2 ]`;

const WORKER = `${WATCHED}
  if ! [ -e "$INTERCORE_SUBTASK_ID.txt" ]; then echo work > "$INTERCORE_SUBTASK_ID.txt"; fi
  git add --all && { git diff --cached --quiet || git commit --quiet --message="Do the work"; }
  ic subtask close --reason=done`;

/** The programs that lead the task, one after the other. */
export interface LaneProgram {
  /**
   * Lets one live until the task is done, or until it dies: at a moment of its own choice, where `kill` counts those
   * before it. Whether it died.
   */
  live(fixture: TaskFixture, kill?: number): Promise<boolean>;
}

export class TaskLane {
  kills = 0;

  private constructor(
    private readonly fixture: TaskFixture,
    private readonly program: LaneProgram,
  ) {}

  /** A task that must be planned, built and merged without a person. */
  static async open(program: LaneProgram = new KilledWindows()): Promise<TaskLane> {
    const fixture = await TaskFixture.open();
    await fixture.agents(PLANNER, WORKER);
    fixture.settings = { ...fixture.settings, maxAttempts: 1000, timeLimitMinutes: 10_000 };
    await fixture.task({ autoStart: true });
    return new TaskLane(fixture, program);
  }

  /** Until one has lived to the end of the task or `kills` have died; then one may live. */
  async run(kills: number): Promise<void> {
    while (this.kills < kills) {
      if (!(await this.program.live(this.fixture, this.kills))) break;
      this.kills += 1;
    }
    assert.equal(await this.program.live(this.fixture), false);
    await this.check();
  }

  /** The task is done and merged, whole; nothing is running, doubled or left. */
  private async check(): Promise<void> {
    const { kernel } = this.fixture;
    await kernel.refresh();
    const tasks = kernel.read((r) => r.db.rows('SELECT id, status, run_id FROM tasks', []));
    assert.deepEqual(
      tasks.map(({ status }) => status),
      ['DONE'],
    );
    assert.equal(kernel.read((r) => getRun(r, String(tasks[0]?.['run_id']))).status, 'completed');
    assert.deepEqual(kernel.read(taskRecordProblems), []);
    assert.deepEqual(
      kernel.read((r) => runningAgentRuns(r)),
      [],
    );
    assert.deepEqual(
      kernel.read((r) => activeDispatches(r)),
      [],
    );
    const subtasks = kernel.read((r) => r.db.rows('SELECT id, status FROM subtasks', []));
    assert.equal(subtasks.length, 2);
    for (const { id } of subtasks) assert.equal(await this.fixture.git('show', `main:${String(id)}.txt`), 'work');
    assert.equal(await this.fixture.git('status', '--porcelain'), '');
    assert.equal((await this.fixture.git('worktree', 'list')).split('\n').length, 1);
    assert.equal(await this.fixture.git('for-each-ref', '--format=%(refname:short)', 'refs/heads'), 'main');
    const marks = await readdir(path.dirname(kernel.path));
    assert.deepEqual(
      marks.filter((name) => name.endsWith('-double')),
      [],
    );
    assert.ok(existsSync(path.join(path.dirname(kernel.path), `mark-${String(subtasks[0]?.['id'])}`)));
  }

  async close(): Promise<void> {
    await this.fixture.close();
  }
}

/** Windows that are killed at a step of one of their first saves. */
class KilledWindows implements LaneProgram {
  private lives = 0;

  async live(fixture: TaskFixture, kill?: number): Promise<boolean> {
    const { stage, settings } = fixture;
    const { project, storage, home } = stage;
    const life: TaskLife = { project, storage, home, settings, lateMs: this.lives * LATER_MS };
    this.lives += 1;
    const program = path.resolve(__dirname, 'taskProgram.js');
    const step = kill === undefined ? undefined : SAVE_STEPS[kill % SAVE_STEPS.length];
    const argument = JSON.stringify(step === undefined ? life : { ...life, dieAt: { step, save: 1 + randomInt(3) } });
    const window = spawn(process.execPath, [program, argument], { stdio: ['ignore', 'ignore', 'inherit'] });
    const limit = setTimeout(() => window.kill('SIGTERM'), PATIENCE_MS);
    const [code, signal] = (await once(window, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(limit);
    if (code !== 0 && signal !== 'SIGKILL') await failed(fixture, `the window ended with ${String(code ?? signal)}`);
    return signal === 'SIGKILL';
  }
}

/** Fails with where everything stands. */
export async function failed(fixture: TaskFixture, what: string): Promise<never> {
  await fixture.kernel.refresh();
  assert.fail(`${what}:\n${fixture.kernel.read(state)}`);
}

/** The state of everything, for the message of a failure. */
function state(r: Reader): string {
  const queries = [
    'SELECT id, status, planning_error FROM tasks',
    'SELECT id, status, stage, worktree_path, last_error, closed_at FROM subtasks',
    'SELECT subtask_id, attempt, status, dispatch_id, error_message FROM agent_runs ORDER BY rowid DESC LIMIT 5',
    'SELECT id, status, pid, exit_code, error_message FROM dispatches ORDER BY rowid DESC LIMIT 5',
  ];
  return queries.flatMap((sql) => r.db.rows(sql, []).map((row) => JSON.stringify(row))).join('\n');
}
