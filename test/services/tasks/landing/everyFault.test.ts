/**
 * A fault of git and of files in every stage of a leader: each is a state that is counted and shown, and nothing is lost.
 * A stage is covered as soon as it runs here; those of GitHub and Beads have tests of their own.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import type { Reader } from '../../../../src/kernel/unit';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { isHeld } from '../../../../src/kernel/tasks/subtask/held';
import { retryPlan, retryWork } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import { getTask } from '../../../../src/kernel/tasks/service';
import { holdsWork } from '../../../../src/kernel/tasks/stage/stages';
import { listSubtasks } from '../../../../src/kernel/tasks/subtask/subtasks';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { attentionOfKernel } from '../../../support/views/attention';
import { PATIENCE_MS } from '../../../support/dispatch/dispatchFixture';
import { StageFaults, type Visit } from '../../../support/tasks/stageFaults';
import { GOOD_WORKER, TaskFixture } from '../../../support/tasks/taskFixture';
import { describeLong } from '../../../support/long';

const SUBTASKS = 3;
/** Which points fail, and how; another number hunts for more. */
const SEED = Number(process.env['FAULTS_SEED'] ?? 1);
const SHARES = { git: 0.25, file: 0.04 };

/** As every planner is asked to, it looks first at what is there. */
const PLANNER = `
  n=$(ic subtask list | wc -l)
  while [ "$n" -lt ${SUBTASKS} ]; do n=$((n + 1)); ic subtask create --title="Part $n" || exit 1; done`;

/** Whatever a failure leaves in the record for people, each with whose it is. */
const EXPLAINED = `
  SELECT id FROM subtasks WHERE last_error IS NOT NULL
  UNION SELECT id FROM tasks WHERE planning_error IS NOT NULL
  UNION SELECT coalesce(subtask_id, task_id) AS id FROM agent_runs WHERE error_message IS NOT NULL`;

describeLong('every fault of git and of files in a stage', function () {
  this.timeout(300_000);
  let fixture: TaskFixture;
  let faults: StageFaults;
  /** Visits with a fault of which nothing is in the record yet. */
  const unseen = new Map<string, Visit>();
  /** Faults after which the stage ran again without a word. */
  const silent: string[] = [];
  /** Reasons that end where the cause should be. */
  const wordless: string[] = [];

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    const expected = [fixture.stage.storage, fixture.settings.plannerPrompt, fixture.settings.workerPrompt];
    faults = new StageFaults({
      seed: SEED,
      shares: SHARES,
      folder: path.join(fixture.stage.root, 'faults'),
      roots: [...expected, path.join(fixture.stage.project, '.git')],
      expected,
    });
    fixture.gitEnvironment = faults.gitEnvironment;
    fixture.gitLimits = faults.gitLimits;
    fixture.beforeStage = (stage, subject) => {
      see();
      const key = `${stage} ${subject}`;
      const before = unseen.get(key);
      // Several steps have this name, and one that finds out what is there leaves out what it cannot read.
      if (before !== undefined && stage !== 'recovery') silent.push(`${before.fault?.point}: ${before.fault?.fault}`);
      unseen.delete(key);
      const visit = faults.enter(stage, subject, worktreeOf(subject), () => unseen.set(key, visit));
    };
    fixture.kernel.onDidChange(see);
  });
  afterEach(async () => {
    faults.dispose();
    await fixture.close();
  });

  const rows = (sql: string, ...values: string[]) => fixture.kernel.read((r) => r.db.rows(sql, values));

  function worktreeOf(subject: string): string | null {
    const found = rows('SELECT worktree_path AS folder FROM subtasks WHERE id = ?', subject)[0]?.['folder'];
    return typeof found === 'string' ? found : null;
  }

  function see(): void {
    for (const { stage, subject, reason, tries } of fixture.kernel.read(stageFailures)) {
      if (!/[^\s:]\s*$/.test(reason)) wordless.push(`${stage}: ${reason}`);
      if (tries > 0) unseen.delete(`${stage} ${subject}`);
    }
    const explained = rows(EXPLAINED).map(({ id }) => String(id));
    for (const [key, { subject }] of unseen) if (explained.includes(subject)) unseen.delete(key);
  }

  /** A machine that is busy takes its time: only what does not come at all fails. */
  const reached = async (what: string, isSo: () => boolean): Promise<void> => {
    await fixture.when(what, isSo, PATIENCE_MS * 2);
  };

  function waitingIn(r: Reader, task: Task): ReadonlySet<string> {
    const held = stageFailures(r).filter(({ stage, nextAt }) => holdsWork(stage) && nextAt === null);
    const stopped = listSubtasks(r, task.id).filter(
      (subtask) => subtask.blockedReason === 'FAILURE' || isHeld(subtask),
    );
    const planning = getTask(r, task.id).status === 'PLANNING_FAILED' ? [task.id] : [];
    return new Set<string>([...held.map(({ subject }) => subject), ...stopped.map(({ id }) => id), ...planning]);
  }

  /** What a person does about each thing that waits for one: it is shown, and tried again. */
  async function retryAll(task: Task): Promise<void> {
    const { kernel } = fixture;
    const waiting = kernel.read((r) => waitingIn(r, task));
    const items = attentionOfKernel(kernel);
    for (const id of waiting) {
      const item = items.find(({ action: { args } }) => (args.subtaskId ?? args.taskId) === id);
      assert.ok(item, `${id} waits for a person, and is not shown`);
      assert.notEqual(item.reason, '');
      await kernel.write((u) => {
        // The leader tries proven work that is held again, too, and may have been faster.
        if (!waitingIn(u, task).has(id)) return;
        if (id === task.id) retryPlan(u, id);
        else retryWork(u, id);
      });
    }
  }

  it('is a state with its reason, its count, and its next try, and no work is lost or done twice', async () => {
    const { kernel } = fixture;
    await fixture.agents(PLANNER, GOOD_WORKER);
    fixture.settings = { ...fixture.settings, maxConcurrent: SUBTASKS, maxAttempts: 20 };
    const leader = fixture.start();
    const task = await fixture.task({ autoStart: true });
    // What goes wrong there ends the test at once, with its reason: a wait would only find that time is up.
    const person = new AbortController();
    let acts = Promise.resolve();
    kernel.onDidChange(() => {
      acts = acts.then(() => retryAll(task)).catch((error: unknown) => person.abort(error));
    });
    const until = (what: string, isSo: () => boolean): Promise<void> =>
      unlessAborted(reached(what, isSo), person.signal);
    const all = (isSo: (id: string) => boolean): boolean => {
      const { subtasks } = fixture.read(task);
      return subtasks.length >= SUBTASKS && subtasks.every(({ id }) => isSo(id));
    };
    await until('completed', () => all((id) => fixture.subtask(id).status === 'COMPLETED'));
    const { subtasks } = fixture.read(task);
    assert.equal(subtasks.length, SUBTASKS);
    for (const { id, branchName } of subtasks) {
      assert.equal(await fixture.git('show', `${branchName}:${id}.txt`), 'work');
      assert.equal(await fixture.git('rev-list', '--count', `main..${branchName}`), '1');
    }
    // A leader would clear up beside the merges: the stage of one starts while that of the other is still failing.
    await leader.close();
    const deps = fixture.deps(fixture.dispatcher());
    for (const { id } of subtasks) await mergeOnThisMachine(deps, id);
    const upkeep = fixture.start();
    await until('cleared up', () => all((id) => worktreeOf(id) === null));
    await until('nothing is left to be tried again', () => kernel.read(stageFailures).length === 0);
    assert.equal(fixture.read(task).task.status, 'DONE');
    for (const { id } of subtasks) assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    await acts;
    person.signal.throwIfAborted();
    await upkeep.close();
    assert.deepEqual({ silent, wordless }, { silent: [], wordless: [] });
    assert.deepEqual([...faults.faulty].sort(), [...faults.reached].sort());
    for (const stage of ['planStart', 'prepare', 'check', 'publish', 'cleanUp'] as const)
      assert.ok(faults.faulty.has(stage), stage);
  });
});

/** Rejects with the reason of the signal as soon as it is aborted. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await Promise.race([work, once(signal, 'abort')]);
  signal.throwIfAborted();
}
