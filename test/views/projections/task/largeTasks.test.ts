import assert from 'node:assert/strict';
import { EVERYTHING } from '../../../../src/contract/pages/board';
import { subtaskId } from '../../../../src/kernel/ids';
import { createDispatch, recordProgress } from '../../../../src/kernel/dispatch/service';
import { endAgentRun, linkAgentRun, startAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import {
  completeSubtask,
  failSubtask,
  mergeSubtask,
  placeSubtask,
  recordProof,
  removeSubtask,
  retrySubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { failStage } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import {
  addSubtask,
  addSubtaskDependency,
  editSubtask,
  removeSubtaskDependency,
  reorderSubtask,
} from '../../../../src/kernel/tasks/subtask/subtasks';
import { trackSubtask } from '../../../../src/kernel/tasks/issue/tracked';
import type { Unit } from '../../../../src/kernel/unit';
import { BoardFeed } from '../../../../src/views/board/boardFeed';
import { BoardModel } from '../../../../src/views/board/boardModel';
import { PAGE_SIZE } from '../../../../src/views/projections/pages';
import { TaskContents } from '../../../../src/views/projections/record/taskContents';
import { TasksProjection } from '../../../../src/views/projections/task/tasks';
import { TreeState } from '../../../../src/views/trees/treeState';
import { noReads, type Reads } from '../../../support/records/countedReads';
import { openTestFolder, viewContextOf, type TestFolder } from '../../../support/records/viewFixture';
import { planned, PROOF, workplace } from '../../../support/tasks/taskRecord';

function plan(folder: TestFolder, count: number): { task: Task; ids: string[] } {
  return folder.write((u) => {
    const { task, subtasks } = planned(u, Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`Part ${n}`, []])));
    const ids = Object.values(subtasks).map(({ id }): string => id);
    for (let n = ids.length; n < count; n++) {
      u.db.run("INSERT INTO subtasks (id, task_id, number, title, status, position) VALUES (?, ?, ?, ?, 'READY', ?)", [
        ...[`large${n}`, task.id, n + 1, `Part ${n}`, n + 1],
      ]);
      ids.push(`large${n}`);
    }
    return { task, ids };
  });
}

describe('a task with far more subtasks than a page', () => {
  const readsOf = (folder: TestFolder, work: () => unknown): Reads => {
    folder.counts = noReads();
    work();
    return folder.counts;
  };

  it('has its first page read by as many rows as it shows', async () => {
    const folder = await openTestFolder();
    plan(folder, 1000);
    const tree = new TreeState(new TasksProjection(viewContextOf(folder)));
    const { rows } = readsOf(folder, () => {
      const [task] = tree.showRoots();
      assert.ok(task !== undefined);
      assert.equal(tree.showChildren(task).length, PAGE_SIZE + 1);
    });
    assert.ok(rows < 2 * PAGE_SIZE, `${rows} rows`);
  });

  it('has its board prepared in steps, each of which reads a few subtasks', async () => {
    const folder = await openTestFolder();
    const { ids } = plan(folder, 1000);
    const model = new BoardModel(viewContextOf(folder));
    const steps = model.prepare(folder.record);
    const read: number[] = [];
    for (let isOver = false; !isOver;) read.push(readsOf(folder, () => (isOver = steps.next().done === true)).rows);
    assert.ok(Math.max(...read) < PAGE_SIZE, `${Math.max(...read)} rows in a step`);
    const prepared = readsOf(folder, () => assert.equal(model.board(folder.record).parts[0]?.cards.length, ids.length));
    assert.ok(prepared.rows < 10, `${prepared.rows} rows after the steps`);
  });

  it('has a board that shows what changed between two steps of its preparation', async () => {
    const folder = await openTestFolder();
    const { ids } = plan(folder, 200);
    const model = new BoardModel(viewContextOf(folder));
    const steps = model.prepare(folder.record);
    steps.next();
    folder.write((u) => editSubtask(u, ids[0] ?? '', { title: 'Changed meanwhile' }));
    steps.next();
    folder.write((u) => removeSubtask(u, ids[199] ?? ''));
    while (steps.next().done !== true);
    const cards = model.board(folder.record).parts.flatMap((part) => part.cards);
    assert.equal(cards[0]?.title, 'Changed meanwhile');
    assert.equal(cards.length, 199);
  });

  it('reads as much after one subtask changed as a small task does: tree, board, and what needs a person', async () => {
    const steps: ((u: Unit, id: string) => unknown)[] = [
      (u, id) => startSubtask(u, id),
      (u, id) => placeSubtask(u, id, workplace(id)),
      (u, id) => recordProof(u, id, PROOF),
      (u, id) => completeSubtask(u, id, { pullRequest: null }),
      (u, id) => mergeSubtask(u, id),
    ];
    const counted = async (count: number): Promise<number[]> => {
      const folder = await openTestFolder();
      const context = viewContextOf(folder);
      const { ids } = plan(folder, count);
      const tree = new TreeState(new TasksProjection(context));
      const [task] = tree.showRoots();
      if (task !== undefined) tree.showChildren(task);
      const [model, feed] = [new BoardModel(context), new BoardFeed()];
      feed.snapshot(model.board(folder.record), EVERYTHING);
      return steps.map((step) => {
        folder.write((u) => void step(u, ids[3] ?? ''));
        const { rows, listed } = readsOf(folder, () => {
          assert.equal(feed.delta(model.board(folder.record))?.cards.length, 1);
          assert.equal(tree.refresh().length > 0, true);
        });
        return rows + listed;
      });
    };
    assert.deepEqual(await counted(1000), await counted(20));
  });

  it('knows after each change what it would read again', async () => {
    const folder = await openTestFolder();
    const { task, ids } = plan(folder, 30);
    const [a = '', b = '', c = '', d = ''] = ids;
    const facts = (contents: TaskContents): unknown => ({
      ids: contents.ids,
      counts: contents.counts,
      tokens: contents.tokens,
      parts: contents.ids.map((id) => contents.part(id)),
      waits: contents.ids.map((id) => [contents.dependsOn(id), contents.dependents(id)]),
      planner: [contents.attempts(null), contents.failure(null)],
    });
    const kept = folder.record.tasks.contentsOf(task);
    facts(kept);
    const failed = { reason: 'no network', code: null, failure: 'passes', passesAt: null, pause: () => 5 } as const;
    const steps: ((u: Unit) => unknown)[] = [
      (u) => addSubtaskDependency(u, b, a),
      (u) => addSubtaskDependency(u, c, a),
      (u) => removeSubtaskDependency(u, c, a),
      (u) => editSubtask(u, b, { title: 'Another title' }),
      (u) => reorderSubtask(u, d, a),
      (u) => addSubtask(u, { taskId: task.id, title: 'One more' }),
      (u) => removeSubtask(u, ids[20] ?? ''),
      (u) => startSubtask(u, a),
      (u) => placeSubtask(u, a, workplace(a)),
      (u) => {
        const run = startAgentRun(u, { subtaskId: a });
        const dispatch = createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId: task.runId });
        linkAgentRun(u, run.id, dispatch.id);
        recordProgress(u, dispatch.id, { inputTokens: 10, outputTokens: 5 });
        endAgentRun(u, run.id, { status: 'SUCCEEDED' });
      },
      (u) => failStage(u, { stage: 'check', subject: a, ...failed }),
      (u) => failSubtask(u, a, 'broken'),
      (u) => retrySubtask(u, a),
      (u) => placeSubtask(u, a, workplace(a)),
      (u) => recordProof(u, a, PROOF),
      (u) => completeSubtask(u, a, { pullRequest: null }),
      (u) => mergeSubtask(u, a),
      (u) =>
        trackSubtask(u, {
          taskId: task.id,
          issueId: 'x-1',
          place: '/p/.beads',
          status: 'closed' as const,
          subtaskId: subtaskId.parse(d),
          agreed: { title: '', spec: '', implementationPlan: '', acceptanceCriteria: '', waitsFor: [], comments: [] },
        }),
    ];
    for (const [index, step] of steps.entries()) {
      folder.write((u) => void step(u));
      const fresh = new TaskContents(task.id, (work) => folder.kernel.read(work));
      assert.deepEqual(facts(kept), facts(fresh), `step ${index}`);
    }
  });
});
