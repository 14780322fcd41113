/** A window is killed at every stage of a task, with running agents: the next one continues, and nothing is lost or doubled. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { activeDispatches } from '../../../../src/kernel/dispatch/service';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { runningAgentRuns } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../../src/kernel/tasks/upkeep/invariants';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { PATIENCE_MS } from '../../../support/dispatch/dispatchFixture';
import { IS_LONG } from '../../../support/long';
import { isThere, killedWindow, windowToItsEnd } from '../../../support/tasks/taskWindow';
import { TaskFixture } from '../../../support/tasks/taskFixture';

/** Enough for a window to see that one which was about to start an agent when it died never will. */
const LATER_MS = 31_000;

const of = (title: string, more: string): string => `SELECT 1 FROM subtasks WHERE title = '${title}' AND ${more}`;
const attempt = (title: string, status: string): string =>
  `SELECT 1 FROM agent_runs a JOIN subtasks s ON s.id = a.subtask_id WHERE s.title = '${title}' AND a.status = '${status}'`;

/**
 * When a window dies. `on`: as soon as the record says so. `at`: when agents or checks stand at places of their work;
 * they continue from there without a window. `then`: what happens to the agent meanwhile.
 */
type Death = { readonly what: string; readonly isAlways?: true } & (
  | { readonly on: string }
  | { readonly at: readonly string[]; readonly then?: 'ends' | 'is killed' }
  | { readonly merging: true }
);

/** Those in every run are where an agent, a check or git continues alone, or a window finds what no record says. */
const ALL_DEATHS: readonly Death[] = [
  { what: 'planning is started', on: "SELECT 1 FROM agent_runs WHERE status = 'RUNNING'" },
  { what: 'the planner has a process', on: "SELECT 1 FROM dispatches WHERE status = 'running'" },
  { what: 'the planner has written nothing', at: ['plan0'] },
  { what: 'the planner has written half of the plan', at: ['plan1'] },
  { what: 'the planner has written the plan, and ends alone', at: ['plan2'], then: 'ends' },
  { what: 'the plan is accepted', on: "SELECT 1 FROM tasks WHERE status = 'ACTIVE'" },
  { what: 'a subtask is started', on: of('A', "stage = 'prepare'") },
  { what: 'its worktree is there', on: of('A', "stage = 'agent'") },
  { what: 'its attempt is written down', on: attempt('A', 'RUNNING') },
  { what: 'the worker has done nothing', at: ['A0'] },
  { what: 'the worker has changed a file', at: ['A1'] },
  { what: 'the worker has committed, and dies too', isAlways: true, at: ['A2'], then: 'is killed' },
  { what: 'its attempt has failed', on: attempt('A', 'FAILED') },
  { what: 'the worker has said that it is done, and ends alone', at: ['A3'], then: 'ends' },
  { what: 'its work is checked', on: of('A', "stage = 'verify'") },
  { what: 'a check runs', at: ['check'] },
  { what: 'its work is proven', on: of('A', "stage = 'push'") },
  { what: 'it is completed', on: of('A', "status = 'COMPLETED'") },
  { what: 'git has merged and the record does not know', isAlways: true, merging: true },
  { what: 'it is merged and its worktree still there', on: of('A', "status = 'MERGED' AND worktree_path IS NOT NULL") },
  { what: 'two workers are running', isAlways: true, at: ['B0', 'C0'] },
  { what: 'one of two is completed', on: "SELECT 1 FROM subtasks WHERE title IN ('B', 'C') AND status = 'COMPLETED'" },
  { what: 'the last one is started', on: of('D', "status = 'IN_PROGRESS'") },
  { what: 'the last worker is running', at: ['D1'] },
  { what: 'the task is done and not tidied up', on: "SELECT 1 FROM tasks WHERE status = 'DONE'" },
];
const DEATHS = ALL_DEATHS.filter(({ isAlways }) => IS_LONG || isAlways === true);

describe('a task whose window is killed at each stage', function () {
  this.timeout(600_000);
  let fixture: TaskFixture;
  let task: Task;
  let lives = 0;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    const root = fixture.stage.root;
    // Notes who works, and when two do; stands at a place until it may continue, once.
    const common = `
      me=\${INTERCORE_SUBTASK_ID:-planner}
      if [ -e ${root}/mark-$me ] && kill -0 "$(cat ${root}/mark-$me)" 2>/dev/null; then touch ${root}/double-$me; fi
      echo $$ > ${root}/mark-$me
      hold() { echo $$ > ${root}/new-$1; mv ${root}/new-$1 ${root}/at-$1; while ! [ -e ${root}/go-$1 ]; do sleep 0.05; done; }`;
    const planner = `${common}
      hold plan0
      make() { id=$(ic subtask create --title=$1); echo $1 > ${root}/name-$id; echo $id; }
      a=$(make A); hold plan1; b=$(make B); c=$(make C); d=$(make D)
      ic subtask depend $b --on=$a && ic subtask depend $c --on=$a && ic subtask depend $d --on=$b && ic subtask depend $d --on=$c
      hold plan2`;
    const worker = `${common}
      name=$(cat ${root}/name-$me)
      hold \${name}0
      [ -e $name.txt ] || echo "$name by $$" | tee ${root}/wrote-$name > $name.txt
      hold \${name}1
      git add --all && { git diff --cached --quiet || git commit --quiet --message="Do $name"; }
      hold \${name}2
      ic subtask close --reason=done
      hold \${name}3`;
    await fixture.agents(planner, worker);
    const check = `echo $$ > ${root}/new-check; mv ${root}/new-check ${root}/at-check; while ! [ -e ${root}/go-check ]; do sleep 0.05; done`;
    fixture.settings = {
      ...fixture.settings,
      maxAttempts: 1000,
      timeLimitMinutes: 10_000,
      checks: [['sh', '-c', check]],
    };
    task = await fixture.task({ autoStart: true });
    lives = 0;
  });
  afterEach(() => fixture.close());

  const at = (name: string): string => path.join(fixture.stage.root, name);
  const go = (name: string): Promise<void> => writeFile(at(`go-${name}`), '');
  const pidAt = async (name: string): Promise<number> => Number(await readFile(at(`at-${name}`), 'utf8'));
  const gone = async (pid: number): Promise<void> => {
    const until = Date.now() + PATIENCE_MS;
    while (isThere(pid) && Date.now() < until) await delay(50);
    assert.equal(isThere(pid), false);
  };

  async function dies(death: Death): Promise<void> {
    const more = { lateMs: lives * LATER_MS };
    lives += 1;
    if ('on' in death) {
      assert.ok(await windowToItsEnd(fixture, { ...more, dieOn: death.on }), `it never came to this: ${death.what}`);
    } else if ('merging' in death) {
      const dieOnceMovedFrom = await fixture.git('rev-parse', 'main');
      assert.ok(await windowToItsEnd(fixture, { ...more, dieOnceMovedFrom }), 'it never merged');
    } else {
      await killedWindow(fixture, () => death.at.every((name) => existsSync(at(`at-${name}`))), more);
      for (const name of death.at) await leave(name, death.then);
    }
    await fixture.kernel.refresh();
    assert.deepEqual(fixture.kernel.read(taskRecordProblems), [], death.what);
  }

  /** The paused process lives, although its window does not. */
  async function leave(name: string, then: 'ends' | 'is killed' | undefined): Promise<void> {
    const pid = await pidAt(name);
    assert.ok(isThere(pid), `${name} died with its window`);
    if (then === 'is killed') process.kill(pid, 'SIGKILL');
    await go(name);
    if (then !== undefined) await gone(pid);
  }

  it(`comes to the same end, killed ${DEATHS.length} times`, async () => {
    // A process pauses only if its window must die.
    const places = DEATHS.flatMap((death) => ('at' in death ? death.at : []));
    const ofWorkers = ['A', 'B', 'C', 'D'].flatMap((name) => [0, 1, 2, 3].map((place) => `${name}${place}`));
    const all = ['plan0', 'plan1', 'plan2', 'check', ...ofWorkers];
    for (const name of all) if (!places.includes(name)) await go(name);
    for (const death of DEATHS) await dies(death);
    assert.equal(await windowToItsEnd(fixture, { lateMs: lives * LATER_MS }), false);

    await fixture.kernel.refresh();
    const { task: done, subtasks } = fixture.read(task);
    assert.equal(done.status, 'DONE');
    assert.equal(fixture.kernel.read((r) => getRun(r, done.runId)).status, 'completed');
    assert.deepEqual(
      subtasks.map(({ title, status }) => [title, status]),
      ['A', 'B', 'C', 'D'].map((title) => [title, 'MERGED']),
    );
    // The first result was merged, whichever process was killed later.
    for (const { title } of subtasks) {
      assert.equal(
        await fixture.git('show', `main:${title}.txt`),
        (await readFile(at(`wrote-${title}`), 'utf8')).trim(),
      );
      assert.equal((await fixture.git('log', '--format=%s', 'main', '--', `${title}.txt`)).split('\n').length, 1);
    }
    assert.deepEqual(
      (await readdir(fixture.stage.root)).filter((name) => name.startsWith('double-')),
      [],
    );
    assert.deepEqual(
      fixture.kernel.read((r) => [...runningAgentRuns(r), ...activeDispatches(r)]),
      [],
    );
    assert.equal(await fixture.git('status', '--porcelain'), '');
    assert.equal((await fixture.git('worktree', 'list')).split('\n').length, 1);
    assert.equal(await fixture.git('for-each-ref', '--format=%(refname:short)', 'refs/heads'), 'main');
  });
});
