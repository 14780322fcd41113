/** Tasks with Beads as their tracker: the stand-in in both dialects, and the real `bd` where there is one. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Beads } from '../../../../src/host/beads/beads';
import { testGit } from '../../../support/git';
import { getRun } from '../../../../src/kernel/run/record/queries';
import type { Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import { retryPlanning } from '../../../../src/kernel/tasks/service';
import { listNotes } from '../../../../src/kernel/tasks/subtask/subtasks';
import { trackedEpic } from '../../../../src/kernel/tasks/issue/tracked';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { bdIn, forWholeTasks, realBd, STAND_INS } from '../../../support/beads/programs';
import { itLong } from '../../../support/long';
import { TaskFixture } from '../../../support/tasks/taskFixture';

/** Writes a diamond below the epic, each title and text from a file. */
export const BEADS_PLANNER = `
  make() {
    printf '%s' "$1" > "$TMPDIR/title.txt"
    printf '## Spec\\n%s\\n\\n## Acceptance Criteria\\nIt works.\\n' "$1" > "$TMPDIR/body.md"
    bd create --type task --parent "$INTERCORE_EPIC" --title="$(cat "$TMPDIR/title.txt")" \\
      --body-file "$TMPDIR/body.md" --silent
  }
  export TMPDIR="\${TMPDIR:-/tmp}"
  a=$(make 'Write "A" $(touch /tmp/pwned) \`B\`'); b=$(make "Write B"); c=$(make "Write C"); d=$(make "Write D")
  bd dep add "$b" "$a" && bd dep add "$c" "$a" && bd dep add "$d" "$b" && bd dep add "$d" "$c"`;

export const BEADS_WORKER = `
  echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit --quiet --message="Do the work"
  bd close "$INTERCORE_ISSUE" --reason "Implementation complete"`;

/** Plans one. */
const ONE_ISSUE = `
  bd create --type task --parent "$INTERCORE_EPIC" --title="Write A" --silent </dev/null`;

const REAL = realBd();

for (const flavour of forWholeTasks(STAND_INS)) {
  describe(`tasks with Beads (${flavour})`, function () {
    this.timeout(180_000);
    let fixture: TaskFixture;
    before(function () {
      if (flavour !== 'real' || REAL !== undefined) return;
      process.stderr.write('      no bd here: name one in BD\n');
      this.skip();
    });
    beforeEach(async () => {
      fixture = await TaskFixture.open();
      const bd = flavour === 'real' ? (REAL ?? 'bd') : await bdIn(path.join(fixture.stage.root, 'bin'), flavour);
      fixture.settings = { ...fixture.settings, tracker: 'beads', beadsPath: bd, beadsSyncSeconds: 5 };
      await agents(BEADS_PLANNER, BEADS_WORKER);
    });
    afterEach(() => fixture.close());

    /** Agents that call `bd` as it is set. */
    async function agents(planner: string, worker: string): Promise<void> {
      const bd = `bd() { '${fixture.settings.beadsPath ?? ''}' "$@"; }\n`;
      await fixture.agents(`${bd}${planner}`, `${bd}${worker}`, ['writePlan'], ['sayDone', 'leaveNote']);
    }

    async function again(task: Task, planner: string): Promise<void> {
      await agents(planner, BEADS_WORKER);
      await fixture.kernel.write((u) => void retryPlanning(u, task.id));
    }

    const epicOf = ({ id }: Task): string =>
      fixture.kernel.read((r) => trackedEpic(r, id))?.issueId ?? assert.fail('no epic');
    /** What a person sees who has `bd` too. */
    function outside({ id }: Task): Beads {
      const folder = fixture.kernel.read((r) => trackedEpic(r, id))?.place ?? assert.fail('no place');
      const program = fixture.settings.beadsPath ?? '';
      return new Beads(
        { program, folder, environment: { ...process.env, HOME: fixture.stage.home }, trusted: () => true },
        testGit(),
      );
    }

    async function planned(more: { autoStart?: boolean } = {}): Promise<{ task: Task; subtasks: readonly Subtask[] }> {
      const task = await fixture.task(more);
      await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
      const found = fixture.read(task);
      assert.equal(found.task.status, 'ACTIVE', found.task.planningError ?? '');
      return found;
    }

    itLong('takes a diamond from a task to done: planned and closed in Beads, merged here (D5, D16, D17)', async () => {
      const deps = fixture.deps(fixture.dispatcher());
      fixture.start(deps.dispatcher);
      const { task, subtasks } = await planned({ autoStart: true });
      assert.deepEqual(
        subtasks.map(({ title }) => title),
        ['Write "A" $(touch /tmp/pwned) `B`', 'Write B', 'Write C', 'Write D'],
      );
      assert.equal(existsSync('/tmp/pwned'), false);
      assert.equal(subtasks[0]?.acceptanceCriteria, 'It works.');
      for (let merged = 0; merged < 4; merged += 1) {
        const completed = (): Subtask | undefined =>
          fixture.read(task).subtasks.find((subtask) => subtask.status === 'COMPLETED');
        await fixture.when('one more is completed', () => completed() !== undefined);
        await mergeOnThisMachine(deps, completed()?.id ?? '');
      }
      assert.equal(fixture.read(task).task.status, 'DONE');
      await fixture.when('Beads knows', () =>
        fixture.kernel.read((r) =>
          r.db.rows('SELECT status FROM tracked_issues', []).every(({ status }) => status === 'closed'),
        ),
      );
      const epic = epicOf(task);
      const issues = [...(await outside(task).show([epic])), ...(await outside(task).below(epic))];
      assert.deepEqual(
        issues.map(({ status }) => status),
        Array<string>(5).fill('closed'),
      );
      assert.equal(fixture.kernel.read((r) => getRun(r, fixture.read(task).task.runId)).status, 'completed');
      assert.equal(await fixture.git('status', '--porcelain'), '');
      assert.equal(existsSync(path.join(fixture.stage.project, '.beads')), false);
      assert.equal(existsSync(path.join(fixture.stage.project, '.claude')), false);
    });

    // The dialects differ in what they print, which the diamond and the tests of `bd` go through; what follows is ours.
    if (flavour !== '1.x' && flavour !== 'real') return;

    it('plans on below the same epic, attempt after attempt and round after round, and doubles nothing (D5, D18)', async () => {
      fixture.settings = { ...fixture.settings, maxAttempts: 1 };
      const task = await fixture.task();
      const failed = async (problem: RegExp): Promise<void> => {
        await fixture.when('failed', () => fixture.read(task).task.status === 'PLANNING_FAILED');
        assert.match(fixture.read(task).task.planningError ?? '', problem);
      };
      // Ends well and leaves nothing (D5).
      await agents('true', BEADS_WORKER);
      fixture.start();
      await failed(/subtask/);
      const epic = epicOf(task);
      // Two of four, and then it is killed.
      await again(task, `${BEADS_PLANNER.slice(0, BEADS_PLANNER.indexOf('c=$('))} kill -9 $$`);
      await failed(/./);
      await again(
        task,
        `[ "$(bd list --parent "$INTERCORE_EPIC" --all --limit 0 --json | grep -c '"title"')" = 2 ] || exit 1
         bd create --type task --parent "$INTERCORE_EPIC" --title="Write C" --silent </dev/null`,
      );
      await fixture.when('decided', () => fixture.read(task).task.status !== 'PLANNING');
      assert.equal(fixture.read(task).task.status, 'ACTIVE', fixture.read(task).task.planningError ?? '');
      assert.deepEqual(
        fixture.read(task).subtasks.map(({ title }) => title),
        ['Write "A" $(touch /tmp/pwned) `B`', 'Write B', 'Write C'],
      );
      assert.equal(epicOf(task), epic);
      assert.deepEqual(await outside(task).labeled(`intercore-task-${task.id.toLowerCase()}`), [epic]);
    });

    itLong(
      'opens an issue again whose work was not done, and counts what an agent closed that was killed',
      async () => {
        await agents(
          ONE_ISSUE,
          `n=$(cat ../n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ../n
         if [ $n = 1 ]; then bd close "$INTERCORE_ISSUE" --reason done; exit 0; fi
         bd show "$INTERCORE_ISSUE" --json > ../shown-$n
         echo "the port is taken" > note.md; bd comments add "$INTERCORE_ISSUE" -f note.md; rm note.md
         ${BEADS_WORKER}; kill -9 $$`,
        );
        fixture.start();
        const { task, subtasks } = await planned({ autoStart: true });
        const id = subtasks[0]?.id ?? assert.fail();
        await fixture.when('decided', () => ['COMPLETED', 'BLOCKED'].includes(fixture.subtask(id).status));
        assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
        assert.deepEqual(
          fixture.attempts(task, id).map(({ status, errorMessage }) => [status, errorMessage]),
          [
            ['FAILED', 'the branch has no commit of its own'],
            ['SUCCEEDED', null],
          ],
        );
        const folder = path.dirname(fixture.subtask(id).worktreePath ?? '');
        assert.match(await readFile(path.join(folder, 'shown-2'), 'utf8'), /"status": ?"(open|in_progress)"/);
        assert.deepEqual(
          fixture.kernel.read((r) => listNotes(r, id)).map(({ text }) => text.trim()),
          ['the port is taken'],
        );
      },
    );

    itLong(
      'makes issues again that are lost while an agent works, and says what prevents it where nothing helps',
      async () => {
        await agents(
          ONE_ISSUE,
          `n=$(cat ../n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ../n
         if [ $n = 1 ]; then rm -rf "$BEADS_DIR"; exit 0; fi
         ${BEADS_WORKER}`,
        );
        fixture.start();
        const { task, subtasks } = await planned({ autoStart: true });
        const id = subtasks[0]?.id ?? assert.fail();
        await fixture.when('decided', () => ['COMPLETED', 'BLOCKED'].includes(fixture.subtask(id).status));
        assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
        assert.equal((await outside(task).below(epicOf(task))).length, 1);

        fixture.settings = { ...fixture.settings, beadsPath: path.join(fixture.stage.root, 'no-bd') };
        const other = await fixture.task();
        await fixture.when('failed', () => fixture.read(other).task.status === 'PLANNING_FAILED');
        assert.match(fixture.read(other).task.planningError ?? '', /no-bd/);
      },
    );
  });
}
