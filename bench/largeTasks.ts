/** A task of 2,000 subtasks: first paint of board and tree, and what a change of one subtask costs them, as CPU. */
import path from 'node:path';
import { z } from 'zod';
import { inChild } from './child';
import { SUBTASKS } from './largeTask';
import { DISTRIBUTION, distribution, machineNoise } from './machine';
import { printTable } from './statistics';

const PROCESSES = 5;
const taskTimes = z.strictObject({
  boardMs: z.number(),
  stepMs: z.number(),
  treeMs: z.number(),
  changed: z.strictObject({ board: z.array(z.number()), tree: z.array(z.number()) }),
});

export async function printLargeTasks(): Promise<void> {
  const all: z.infer<typeof taskTimes>[] = [];
  for (let n = 0; n < PROCESSES; n++) all.push(await inChild(path.join(__dirname, 'largeTaskChild.js'), taskTimes));
  console.log(
    `A task of ${SUBTASKS} subtasks in ${PROCESSES} new processes (CPU ms; bar: 5 ms for a change); ${machineNoise()}`,
  );
  printTable(
    ['', ...DISTRIBUTION],
    [
      ['first board, by the clock', ...distribution(all.map(({ boardMs }) => boardMs))],
      ['its longest step, by the clock', ...distribution(all.map(({ stepMs }) => stepMs))],
      ['first rows of the tree', ...distribution(all.map(({ treeMs }) => treeMs))],
      ['a subtask changes: the board', ...distribution(all.flatMap(({ changed }) => changed.board))],
      ['a subtask changes: the tree', ...distribution(all.flatMap(({ changed }) => changed.tree))],
    ],
  );
}
