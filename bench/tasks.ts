/**
 * What work on tasks costs: many agents at once, a long plan in the tree, and the way from a merge to what it frees.
 *
 * An ending is counted from the time in the launcher's exit record, when the process of the agent had ended, until the
 * window has stored it and its listeners see it. What the agent does before, its own `ic subtask close` included, is the
 * agent's. All agents end at once, so these endings meet the commits and the `ic` of the other agents, and the proofs of
 * those that ended first. On a busy machine most of it is waiting for a processor, which the table shows.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { proven, readExit } from '../src/host/launcher/launchRecord';
import { findDispatchFiles } from '../src/host/launcher/dispatchFiles';
import type { Subtask } from '../src/kernel/tasks/record/model';
import { editSubtask, listSubtasks } from '../src/kernel/tasks/subtask/subtasks';
import { mergeOnThisMachine } from '../src/services/tasks/landing/branchLanding';
import { TasksProjection } from '../src/views/projections/task/tasks';
import { openTestFolder, viewContextOf } from '../test/support/records/viewFixture';
import { planned } from '../test/support/tasks/taskRecord';
import { TaskFixture } from '../test/support/tasks/taskFixture';
import { machineNoise, processorWaitMs } from './machine';
import { ms, percentile, printTable, spread } from './statistics';

const AGENTS = 20;
const LOOK_MS = 5000;
const SUBTASKS = 2000;
const REPEATS = 5;
const MEGABYTE = 1_000_000;

/** One first, then all others, which wait for it. */
const PLANNER = `
  first=$(ic subtask create --title="First")
  for n in $(seq 1 ${AGENTS}); do s=$(ic subtask create --title="Part $n"); ic subtask depend "$s" --on="$first"; done`;

/** Works at once; the others print a line ten times a second until they are let go. */
const workerUntil = (go: string): string => `
  case '{{subtaskTitle}}' in Part*) until [ -e '${go}' ]; do echo working; sleep 0.1; done;; esac
  echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit --quiet --message=Work
  ic subtask close --reason=done`;

export async function measureTasks(): Promise<void> {
  await agents();
  await tree();
}

async function agents(): Promise<void> {
  const fixture = await TaskFixture.open();
  const go = path.join(fixture.stage.root, 'go');
  fixture.settings = { ...fixture.settings, maxConcurrent: AGENTS };
  await fixture.agents(PLANNER, workerUntil(go));
  const dispatcher = fixture.dispatcher();
  const deps = fixture.deps(dispatcher);
  const alone = process.memoryUsage().rss;
  fixture.start(dispatcher);
  const task = await fixture.task({ autoStart: true });
  const subtasks = (status: string): readonly Subtask[] =>
    fixture.kernel.read((r) => listSubtasks(r, task.id)).filter((one) => one.status === status);
  await fixture.when('the first is completed', () => subtasks('COMPLETED').length === 1);

  const startedAt = performance.now();
  const { unblocked } = await mergeOnThisMachine(deps, subtasks('COMPLETED')[0]?.id ?? '');
  const mergedMs = performance.now() - startedAt;
  await fixture.when('what waited is running', () => subtasks('IN_PROGRESS').length === AGENTS);
  const startedMs = performance.now() - startedAt;
  const running = (): number =>
    subtasks('IN_PROGRESS').filter(({ id }) => fixture.attempts(task, id).length > 0).length;
  await fixture.when('all agents are running', () => running() === AGENTS);
  const runningMs = performance.now() - startedAt;

  const cpu = process.cpuUsage();
  await delay(LOOK_MS);
  const { user, system } = process.cpuUsage(cpu);
  const memory = process.memoryUsage().rss;

  const ended = (): readonly string[] =>
    fixture.kernel
      .read((r) => r.db.rows("SELECT id FROM dispatches WHERE status = 'completed'", []))
      .map((row) => String(row['id']));
  // The planner, and the one that the others waited for.
  const endedBefore = new Set(ended());
  const seenMs = new Map<string, number>();
  const subscription = fixture.kernel.onDidChange(() => {
    for (const id of ended()) if (!endedBefore.has(id) && !seenMs.has(id)) seenMs.set(id, Date.now());
  });
  const [endingCpu, waited] = [process.cpuUsage(), processorWaitMs()];
  await writeFile(go, '');
  // Those that end first are checked meanwhile, as in any folder.
  await fixture.when('all endings are recorded', () => seenMs.size >= AGENTS);
  subscription.dispose();
  const ending = process.cpuUsage(endingCpu);
  const endingWaitMs = processorWaitMs() - waited;
  const latencies: number[] = [];
  for (const [id, at] of seenMs) {
    const files = await findDispatchFiles(dispatcher.storages, id);
    const exit = files && proven(await readExit(files));
    if (exit !== undefined && at - exit.endedAtMs < LOOK_MS * 10) latencies.push(Math.max(0, at - exit.endedAtMs));
  }
  await fixture.close();

  console.log(`${AGENTS} agents of one folder at once, each printing 10 lines a second; ${machineNoise()}`);
  printTable(
    ['', 'value'],
    [
      ['memory of the window, before', `${ms(alone / MEGABYTE)} MB`],
      ['memory of the window, with them', `${ms(memory / MEGABYTE)} MB`],
      ['its CPU', `${(((user + system) / 1000 / LOOK_MS) * 100).toFixed(1)} %`],
      ['from an agent’s end to the record, p50', `${ms(percentile(latencies, 50))} ms`],
      ['the same, p95 (bar: 1 s)', `${ms(percentile(latencies, 95))} ms`],
      ['the same, longest', `${ms(Math.max(...latencies))} ms of ${latencies.length}`],
      ['CPU of the window for each ending and its proof', `${ms((ending.user + ending.system) / 1000 / AGENTS)} ms`],
      ['its main thread, waiting for a processor', `${ms(endingWaitMs / AGENTS)} ms for each`],
      [`merge, until it is recorded and ${unblocked.length} are free`, `${ms(mergedMs)} ms`],
      ['until their work has started', `${ms(startedMs)} ms`],
      ['until all their agents are running', `${ms(runningMs)} ms`],
    ],
  );
}

async function tree(): Promise<void> {
  const [first, redraw]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const folder = await openTestFolder();
    const outline = Object.fromEntries(Array.from({ length: SUBTASKS }, (_, n) => [`Part ${n + 1}`, []]));
    const { subtasks } = folder.write((u) => planned(u, outline));
    const view = new TasksProjection(viewContextOf(folder));
    const look = (): number => {
      const startedAt = performance.now();
      for (const root of view.roots()) view.children(root.ref);
      return performance.now() - startedAt;
    };
    first.push(look());
    folder.write((u) => editSubtask(u, subtasks['Part 7']?.id ?? '', { title: 'Part seven' }));
    redraw.push(look());
  }
  console.log(`A task with ${SUBTASKS} subtasks in the tree (${REPEATS} times)`);
  printTable(
    ['', 'ms'],
    [
      ['first rows', spread(first)],
      ['rows again after one change', spread(redraw)],
    ],
  );
}

if (require.main === module) {
  measureTasks().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
