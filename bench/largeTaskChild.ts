/** A task of 2,000 subtasks: first rows of board and tree, and what a change of one subtask reads again. CPU milliseconds. */
import { EVERYTHING } from '../src/contract/pages/board';
import { failSubtask, startSubtask } from '../src/kernel/tasks/subtask/progress';
import { BoardFeed } from '../src/views/board/boardFeed';
import { BoardModel } from '../src/views/board/boardModel';
import { TasksProjection } from '../src/views/projections/task/tasks';
import { TreeState } from '../src/views/trees/treeState';
import { openTestFolder, viewContextOf } from '../test/support/records/viewFixture';
import { answer } from './child';
import { largeTask } from './largeTask';
import { cpuOf, timed } from './machine';

const CHANGES = 40;

async function measure(): Promise<void> {
  const folder = await openTestFolder();
  const ready = largeTask(folder);
  const fixture = viewContextOf(folder);
  const [model, feed] = [new BoardModel(fixture), new BoardFeed()];
  const steps = model.prepare(folder.record);
  const stepsMs: number[] = [];
  for (let isOver = false; !isOver;) {
    const { value, tookMs } = timed(() => steps.next());
    stepsMs.push(tookMs);
    isOver = value.done === true;
  }
  const last = timed(() => feed.snapshot(model.board(folder.record), EVERYTHING));
  stepsMs.push(last.tookMs);
  const tree = new TreeState(new TasksProjection(fixture));
  const treeMs = cpuOf(() => {
    const [task] = tree.showRoots();
    if (task !== undefined) tree.showChildren(task);
  }).tookMs;
  const changed = { board: [] as number[], tree: [] as number[] };
  for (let n = 0; n < CHANGES; n++) {
    const id = ready[n >> 1] ?? '';
    folder.write((u) => (n % 2 === 0 ? startSubtask(u, id) : failSubtask(u, id, 'Stopped by a person')));
    changed.tree.push(cpuOf(() => tree.refresh()).tookMs);
    changed.board.push(cpuOf(() => feed.delta(model.board(folder.record))).tookMs);
  }
  answer({ boardMs: stepsMs.reduce((sum, ms) => sum + ms, 0), stepMs: Math.max(...stepsMs), treeMs, changed });
}

void measure();
