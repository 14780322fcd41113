/** The village with Beads as its tracker: the stand-in in both dialects, and the real `bd` where there is one. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Subtask, Task } from '../../../src/kernel/village/model';
import { mergeOnThisMachine } from '../../../src/services/village/landing';
import { bdIn, realBd, STAND_INS, type Flavour } from '../../support/beads/programs';
import { VillageStage } from '../../support/villageStage';

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

const REAL = realBd();

for (const flavour of [...STAND_INS, 'real'] as readonly Flavour[]) {
  describe(`the village with Beads (${flavour})`, function () {
    this.timeout(180_000);
    let village: VillageStage;
    before(function () {
      if (flavour !== 'real' || REAL !== undefined) return;
      process.stderr.write('      no bd here: name one in BD\n');
      this.skip();
    });
    beforeEach(async () => {
      village = await VillageStage.open();
      const bd = flavour === 'real' ? (REAL ?? 'bd') : await bdIn(path.join(village.stage.root, 'bin'), flavour);
      village.settings = { ...village.settings, tracker: 'beads', beadsPath: bd, beadsSyncSeconds: 5 };
      await agents(BEADS_PLANNER, BEADS_WORKER);
    });
    afterEach(() => village.close());

    /** Agents that call `bd` as it is set. */
    async function agents(planner: string, worker: string): Promise<void> {
      const bd = `bd() { '${village.settings.beadsPath ?? ''}' "$@"; }\n`;
      await village.agents(`${bd}${planner}`, `${bd}${worker}`, ['writePlan'], ['sayDone', 'leaveNote']);
    }

    async function planned(more: { autoStart?: boolean } = {}): Promise<{ task: Task; subtasks: readonly Subtask[] }> {
      const task = await village.task(more);
      await village.when('planned', () => village.read(task).task.status !== 'PLANNING');
      const found = village.read(task);
      assert.equal(found.task.status, 'ACTIVE', found.task.planningError ?? '');
      return found;
    }

    it('takes a diamond from a task to done: planned and closed in Beads, merged here (D5, D16, D17)', async () => {
      const deps = village.deps(village.dispatcher());
      village.start(deps.dispatcher);
      const { task, subtasks } = await planned({ autoStart: true });
      assert.deepEqual(
        subtasks.map(({ title }) => title),
        ['Write "A" $(touch /tmp/pwned) `B`', 'Write B', 'Write C', 'Write D'],
      );
      assert.equal(existsSync('/tmp/pwned'), false);
      assert.equal(subtasks[0]?.acceptanceCriteria, 'It works.');
      for (let merged = 0; merged < 4; merged += 1) {
        const completed = (): Subtask | undefined =>
          village.read(task).subtasks.find((one) => one.status === 'COMPLETED');
        await village.when('one more is completed', () => completed() !== undefined);
        await mergeOnThisMachine(deps, completed()?.id ?? '');
      }
      assert.equal(village.read(task).task.status, 'DONE');
      await village.when('Beads knows', () =>
        village.kernel.read((r) =>
          r.db.rows('SELECT status FROM tracked_issues', []).every(({ status }) => status === 'closed'),
        ),
      );
      assert.equal(await village.git('status', '--porcelain'), '');
      assert.equal(existsSync(path.join(village.stage.project, '.beads')), false);
      assert.equal(existsSync(path.join(village.stage.project, '.claude')), false);
    });
  });
}
