/** What persons and accidents do to issues in Beads, and what tasks make of it: with stand-in and real `bd`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Beads } from '../../../../src/host/beads/beads';
import { beadsVariables } from '../../../../src/host/beads/program';
import type { Issue } from '../../../../src/host/beads/shapes';
import { testGit } from '../../../support/git';
import { issueBody } from '../../../../src/kernel/tasks/issue/issueText';
import { leftIssues } from '../../../../src/kernel/tasks/issue/issueEffects';
import {
  completeSubtask,
  mergeSubtask,
  placeSubtask,
  removeSubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { deleteTask } from '../../../../src/kernel/tasks/project/removal';
import { acceptPlan, createTask } from '../../../../src/kernel/tasks/service';
import {
  addSubtask,
  addSubtaskDependency,
  listNotes,
  neighborsOf,
} from '../../../../src/kernel/tasks/subtask/subtasks';
import { trackedEpic, trackedSubtask } from '../../../../src/kernel/tasks/issue/tracked';
import type { Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import { beadsTrackerOf, type BeadsTracker } from '../../../../src/services/tasks/tracker/beadsTracker';
import { bdIn, forWholeTasks, realBd } from '../../../support/beads/programs';
import { isCode } from '../../../support/projects';
import { HOSTILE_BODY, HOSTILE_TITLE } from '../../../support/hostile/hostile';
import { itLong } from '../../../support/long';
import { workplace } from '../../../support/tasks/taskRecord';
import { TaskFixture } from '../../../support/tasks/taskFixture';

const REAL = realBd();
const run = promisify(execFile);

for (const flavour of forWholeTasks(['0.49', '1.x'])) {
  describe(`tasks in step with Beads (${flavour})`, function () {
    this.timeout(120_000);
    let fixture: TaskFixture;
    let bd: string;
    let task: Task;
    before(function () {
      if (flavour === 'real' && REAL === undefined) this.skip();
    });
    beforeEach(async () => {
      fixture = await TaskFixture.open();
      bd = flavour === 'real' ? (REAL ?? 'bd') : await bdIn(path.join(fixture.stage.root, 'bin'), flavour);
      fixture.settings = { ...fixture.settings, tracker: 'beads', beadsPath: bd };
      task = await fixture.task();
      // A and B, which waits for A.
      await fixture.kernel.write((u) => {
        const [a, b] = ['A', 'B'].map((title) => addSubtask(u, { taskId: task.id, title, spec: `Write ${title}` }).id);
        addSubtaskDependency(u, b ?? '', a ?? '');
      });
      await tracker().sync(task);
      task = await fixture.kernel.write((u) => acceptPlan(u, task.id, { path: 'plan.md' }));
    });
    afterEach(() => fixture.close());

    const tracker = (): BeadsTracker => beadsTrackerOf(fixture.deps(fixture.dispatcher()), task);
    const epic = () => fixture.kernel.read((r) => trackedEpic(r, task.id)) ?? assert.fail('no epic');
    const subtask = (title: string): Subtask =>
      fixture.read(task).subtasks.find((one) => one.title === title) ?? assert.fail(`no subtask ${title}`);
    const issueOf = (title: string): string =>
      fixture.kernel.read((r) => trackedSubtask(r, subtask(title).id))?.issueId ?? assert.fail(`no issue for ${title}`);
    const waitsFor = ({ id }: Subtask): readonly string[] =>
      fixture.kernel.read((r) => neighborsOf(r, fixture.subtask(id)).dependsOn);
    /** What a person does who has `bd` too. */
    const outside = (): Beads =>
      new Beads(
        {
          program: bd,
          folder: epic().place,
          environment: { ...process.env, HOME: fixture.stage.home },
          trusted: () => true,
        },
        testGit(),
      );
    const issue = async (title: string): Promise<Issue> =>
      (await outside().show([issueOf(title)]))[0] ?? assert.fail(`the issue of ${title} is gone`);
    const begin = (title: string): Promise<void> =>
      fixture.kernel.write((u) => {
        startSubtask(u, subtask(title).id);
        placeSubtask(u, subtask(title).id, workplace(subtask(title).id));
      });

    it('makes a database that was deleted again from the record, with nothing doubled (D18)', async () => {
      await fixture.kernel.write((u) => {
        const { id } = subtask('A');
        startSubtask(u, id);
        placeSubtask(u, id, workplace(id));
        completeSubtask(u, id, { pullRequest: null });
        mergeSubtask(u, id);
      });
      await rm(epic().place, { recursive: true });
      const report = await tracker().sync(task);
      assert.deepEqual(
        { added: report.added, removed: report.removed, missing: report.missing, refused: report.refused },
        { added: [], removed: [], missing: [], refused: [] },
      );
      const issues = await outside().below(epic().issueId);
      assert.deepEqual(issues.map(({ title, status }) => [title, status]).sort(), [
        ['A', 'closed'],
        ['B', 'open'],
      ]);
      assert.deepEqual(
        (await issue('B')).dependencies?.filter((dependency) => dependency.dependency_type === 'blocks').length,
        1,
      );
      assert.equal((await issue('B')).description.trim(), '## Spec\n\nWrite B');
      assert.deepEqual(Object.values(await tracker().sync(task)).flat(), []);
      assert.equal((await outside().labeled(`intercore-task-${task.id.toLowerCase()}`)).length, 1);
    });

    itLong('keeps a task in Beads where a deleted database cannot be made again at first', async () => {
      await rm(epic().place, { recursive: true });
      const failing = path.join(fixture.stage.root, 'failing-bd');
      await writeFile(failing, `#!/bin/sh\n[ "$1" != create ] || exit 1\nexec '${bd}' "$@"\n`);
      await chmod(failing, 0o755);
      const { settings } = fixture;
      fixture.settings = { ...settings, beadsPath: failing };
      await assert.rejects(tracker().sync(task), isCode('BEADS_FAILED'));
      fixture.settings = settings;
      assert.equal(fixture.kernel.read((r) => trackedEpic(r, task.id))?.status, 'open');
      await tracker().sync(task);
      assert.deepEqual((await outside().below(epic().issueId)).map(({ title }) => title).sort(), ['A', 'B']);
    });

    itLong('adopts the epic that a killed window made and did not write down (D18)', async () => {
      const made = epic().issueId;
      const next = await fixture.task();
      const label = `intercore-task-${next.id.toLowerCase()}`;
      const left = await outside().create({ title: next.title, body: '', type: 'epic', label });
      await tracker().sync(next);
      assert.equal(fixture.kernel.read((r) => trackedEpic(r, next.id))?.issueId, left);
      assert.deepEqual(await outside().labeled(label), [left]);
      assert.equal(epic().issueId, made);
    });

    itLong(
      'knows the issue again that a killed window made for a subtask, and a database that is put back (D18)',
      async () => {
        const text = { title: 'C', spec: ' Write C\n', acceptanceCriteria: 'Seen' };
        await fixture.kernel.write((u) => void addSubtask(u, { taskId: task.id, ...text }));
        const body = issueBody(subtask('C'));
        const made = await outside().create({ title: 'C', body, type: 'task', parent: epic().issueId });
        const titles = async (): Promise<string[]> =>
          (await outside().below(epic().issueId)).map(({ title }) => title).sort();
        await tracker().sync(task);
        assert.deepEqual({ issueOf: issueOf('C'), titles: await titles() }, { issueOf: made, titles: ['A', 'B', 'C'] });

        const away = `${epic().place}-away`;
        await rename(epic().place, away);
        await tracker().sync(task);
        await rm(epic().place, { recursive: true });
        await rename(away, epic().place);
        const report = await tracker().sync(task);
        assert.deepEqual({ added: report.added, titles: await titles() }, { added: [], titles: ['A', 'B', 'C'] });
        assert.equal(fixture.read(task).subtasks.length, 3);
        assert.deepEqual(waitsFor(subtask('B')), [subtask('A').id]);
      },
    );

    it('reports an issue that was closed before work started, undoes nothing, and reopens it when work starts', async () => {
      await outside().close(issueOf('A'), 'not needed');
      assert.deepEqual((await tracker().sync(task)).closedOutside, [subtask('A').id]);
      assert.equal(subtask('A').status, 'READY');
      assert.deepEqual(
        fixture.kernel.read((r) => leftIssues(r, task.id)).map((one) => [one.subtask.title, one.how]),
        [['A', 'closed']],
      );
      await begin('A');
      assert.deepEqual((await tracker().sync(task)).claimed, [subtask('A').id]);
      await tracker().undoCreation(subtask('A'));
      assert.notEqual((await issue('A')).status, 'closed');
      // Twice is once.
      await tracker().undoCreation(subtask('A'));
    });

    it('keeps what waits waiting when an issue is deleted, and makes the issue again when work on it starts', async () => {
      const gone = issueOf('A');
      await outside().delete([gone]);
      assert.deepEqual((await tracker().sync(task)).missing, [subtask('A').id]);
      assert.deepEqual(waitsFor(subtask('B')), [subtask('A').id]);
      assert.equal(subtask('B').blockedReason, 'DEPENDENCY');
      assert.deepEqual((await tracker().sync(task)).changed, []);
      assert.deepEqual(
        fixture.kernel.read((r) => leftIssues(r, task.id)).map((one) => [one.subtask.title, one.how]),
        [['A', 'deleted']],
      );
      await begin('A');
      const { env } = await tracker().beforeWork(subtask('A'));
      assert.notEqual(issueOf('A'), gone);
      assert.equal(env['INTERCORE_ISSUE'], issueOf('A'));
      const blockers = (await issue('B')).dependencies?.filter((dependency) => dependency.dependency_type === 'blocks');
      assert.deepEqual(
        blockers?.map(({ id }) => id),
        [issueOf('A')],
      );
      assert.deepEqual((await outside().below(epic().issueId)).length, 2);
    });

    it('follows changes of a person before work starts, and no status of work in progress (D15)', async () => {
      await outside().edit(issueOf('B'), 'B, better', '## Spec\nOtherwise\n\n## Acceptance Criteria\nSeen\n');
      await outside().removeDependency(issueOf('B'), issueOf('A'));
      const { changed } = await tracker().sync(task);
      assert.deepEqual(changed, [subtask('B, better').id]);
      const { spec, acceptanceCriteria, status } = subtask('B, better');
      assert.deepEqual(
        { spec, acceptanceCriteria, status },
        { spec: 'Otherwise', acceptanceCriteria: 'Seen', status: 'READY' },
      );

      await begin('A');
      await tracker().sync(task);
      assert.equal((await issue('A')).status, 'in_progress');
      await outside().edit(issueOf('A'), 'Something else', 'else');
      await outside().setStatus(issueOf('A'), 'open');
      await tracker().sync(task);
      assert.deepEqual(
        { status: subtask('A').status, stage: subtask('A').stage },
        { status: 'IN_PROGRESS', stage: 'agent' },
      );
      await fixture.kernel.write((u) => completeSubtask(u, subtask('A').id, { pullRequest: null }));
      await tracker().sync(task);
      assert.equal((await issue('A')).status, 'closed');
      await outside().reopen(issueOf('A'));
      await tracker().sync(task);
      assert.deepEqual(
        { subtaskStatus: subtask('A').status, issueStatus: (await issue('A')).status },
        { subtaskStatus: 'COMPLETED', issueStatus: 'closed' },
      );
    });

    itLong('deletes over there what is deleted here', async () => {
      const [a, b, top] = [issueOf('A'), issueOf('B'), epic().issueId];
      const beads = outside();
      await fixture.kernel.write((u) => removeSubtask(u, subtask('B').id));
      await tracker().sync(task);
      assert.deepEqual(await beads.show([b]), []);
      const before = tracker();
      await fixture.kernel.write((u) => void deleteTask(u, task.id));
      await before.sweep();
      assert.deepEqual(await beads.show([a, top]), []);
    });

    it('treats all foreign text as text (D27)', async () => {
      const hostile = await fixture.kernel.write((u) =>
        createTask(u, { projectId: task.projectId, title: HOSTILE_TITLE, description: HOSTILE_BODY }),
      );
      const mine = await fixture.kernel.write((u) =>
        addSubtask(u, { taskId: hostile.id, title: HOSTILE_TITLE, spec: HOSTILE_BODY }),
      );
      await tracker().sync(hostile);
      const top = fixture.kernel.read((r) => trackedEpic(r, hostile.id)) ?? assert.fail();
      const theirs = await outside().create({
        title: `-- ${HOSTILE_TITLE}`,
        body: `## Spec\n${HOSTILE_BODY}`,
        type: 'task',
        parent: top.issueId,
      });
      const env = { ...process.env, ...beadsVariables(top.place, '$(touch pwned)'), HOME: fixture.stage.home };
      const note = path.join(fixture.stage.root, 'note.md');
      await writeFile(note, HOSTILE_BODY);
      const home = path.dirname(top.place);
      await run(bd, ['comments', 'add', theirs, '-f', note], { env, cwd: home });
      await tracker().sync(hostile);
      const { subtasks } = fixture.read(hostile);
      assert.deepEqual(
        subtasks.map(({ title, spec }) => [title, spec]),
        [
          [HOSTILE_TITLE, HOSTILE_BODY.trim()],
          [`-- ${HOSTILE_TITLE}`, HOSTILE_BODY.trim()],
        ],
      );
      const [shown] = await outside().show([fixture.kernel.read((r) => trackedSubtask(r, mine.id))?.issueId ?? '']);
      assert.equal(shown?.title, HOSTILE_TITLE);
      const notes = fixture.kernel.read((r) => listNotes(r, subtasks[1]?.id ?? ''));
      assert.deepEqual(
        notes.map(({ text }) => text.trim()),
        [HOSTILE_BODY.trim()],
      );
      assert.deepEqual(Object.values(await tracker().sync(hostile)).flat(), []);
      for (const folder of [home, fixture.stage.project, fixture.stage.root, process.cwd()]) {
        assert.equal(existsSync(path.join(folder, 'pwned')), false);
      }
      assert.deepEqual(await readdir(path.join(fixture.storage, 'beads')), [task.projectId]);
    });

    it('says plainly that the database is damaged, and takes nothing for deleted', async function () {
      if (flavour !== 'real') this.skip();
      await writeFile(path.join(epic().place, 'beads.db'), 'garbage');
      for (const name of ['beads.db-wal', 'beads.db-shm']) await rm(path.join(epic().place, name), { force: true });
      await assert.rejects(tracker().sync(task), { code: 'BEADS_FAILED', message: /not a database/ });
      assert.deepEqual(
        fixture.read(task).subtasks.map(({ title }) => title),
        ['A', 'B'],
      );
      // What a person does then.
      await rm(epic().place, { recursive: true });
      await tracker().sync(task);
      assert.equal((await outside().below(epic().issueId)).length, 2);
    });

    it('lets one at a time ask about a clone, and none waits forever', async () => {
      const busy = path.join(fixture.stage.root, 'busy');
      const overlap = path.join(fixture.stage.root, 'overlap');
      const alone = path.join(fixture.stage.root, 'alone');
      const script = `mkdir '${busy}' || touch '${overlap}'\n'${bd}' "$@"; code=$?\nrmdir '${busy}'\nexit $code\n`;
      await writeFile(alone, `#!/bin/sh\n${script}`);
      await chmod(alone, 0o755);
      fixture.settings = { ...fixture.settings, beadsPath: alone };
      const other = await fixture.task();
      await Promise.all([tracker().sync(task), tracker().sync(other), tracker().sync(task)]);
      assert.equal(existsSync(overlap), false);
      assert.equal((await outside().below(epic().issueId)).length, 2);
    });
  });
}
