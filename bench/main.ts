/**
 * Measures the bars of the design (`docs/design/architecture.md#bars`): the database beside native SQLite, the relay,
 * the editor. Prints tables, asserts nothing.
 */
import os from 'node:os';
import { databaseLocation } from '../src/host/files/paths';
import { measureBoard } from './board';
import { measureEditor } from './editor';
import { findNativeNode, runNative } from './nativeNode';
import {
  copyOf,
  projectOfRuns,
  projectOfSize,
  remove,
  timeCommits,
  timeExport,
  timeLists,
  timeLoad,
  timeTogether,
  type CommitTimes,
} from './ours';
import { measureIc } from './icBench';
import { measureRelay } from './relay';
import { measureTasks } from './tasks';
import { ms, percentile, printTable, spread } from './statistics';
import type { NativeResult, NativeTask } from './workload';

const MEGABYTE = 1_000_000;
const SIZES = [0.1, 1, 10, 50] as const;
/** Each measurement is repeated, so that the machine's noise shows. */
const REPEATS = 3;
const COMMITS = 60;
const RUNS = 10_000;
const LISTS = 10;

type Native = (folder: string, task: Omit<NativeTask, 'file'>) => Promise<NativeResult | undefined>;

async function main(): Promise<void> {
  const node = await findNativeNode();
  const load = os
    .loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  console.log(`${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}, load ${load}, Node ${process.version}`);
  console.log(node === undefined ? 'No Node with node:sqlite found: native SQLite is left out.' : `Native: ${node}`);
  console.log(`Milliseconds; a (b–c) is the median, least and greatest of ${REPEATS} repetitions.\n`);
  const native: Native = async (folder, task) => {
    if (node === undefined) return undefined;
    const copy = await copyOf(folder);
    const result = await runNative(node, { ...task, file: databaseLocation(copy).path });
    await remove(copy);
    return result;
  };
  await commits(native);
  await concurrency();
  await lists(native);
  measureIc();
  await measureRelay();
  await measureTasks();
  await measureBoard();
  await measureEditor();
}

async function commits(native: Native): Promise<void> {
  const rows: string[][] = [];
  const blocked: string[][] = [];
  for (const size of SIZES) {
    const folder = await projectOfSize(size * MEGABYTE);
    const ours: CommitTimes[] = [];
    const rollback: NativeResult[] = [];
    const wal: NativeResult[] = [];
    const [loads, exports]: [number[], number[]] = [[], []];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const copy = await copyOf(folder);
      loads.push(await timeLoad(copy));
      exports.push(await timeExport(copy));
      ours.push(await timeCommits(copy, COMMITS));
      await remove(copy);
      rollback.push(...present(await native(folder, { journalMode: 'DELETE', commits: COMMITS, lists: 0 })));
      wal.push(...present(await native(folder, { journalMode: 'WAL', commits: COMMITS, lists: 0 })));
    }
    await remove(folder);
    const total = ours.flatMap((times) => times.totalMs);
    const median = percentile(total, 50);
    const halves = [rollback, wal].map((results) => results.map((result) => percentile(result.commitMs, 50)));
    rows.push([
      `${size} MB`,
      spread(ours.map((times) => percentile(times.totalMs, 50))),
      ms(percentile(total, 95)),
      ms(percentile(total, 99)),
      ...halves.map((medians) => (medians.length === 0 ? '–' : spread(medians))),
      ...halves.map((medians) => `${(median / percentile(medians, 50)).toFixed(1)}×`),
    ]);
    const stalls = ours.flatMap((times) => times.blockedMs);
    const percentiles = [50, 95, 99].map((percent) => ms(percentile(stalls, percent)));
    blocked.push([`${size} MB`, ...percentiles, spread(exports), spread(loads)]);
  }
  console.log(`Durable commit of three statements, one after another (${COMMITS} × ${REPEATS})`);
  printTable(['database', 'ours p50', 'p95', 'p99', 'native DELETE p50', 'native WAL p50', '÷ DELETE', '÷ WAL'], rows);
  console.log('Event loop blocked by one commit; export alone; load until readable');
  printTable(['database', 'blocked p50', 'p95', 'p99', 'export', 'load'], blocked);
}

async function concurrency(): Promise<void> {
  const rows: string[][] = [];
  for (const count of [100, 1000]) {
    const folder = await projectOfSize(MEGABYTE);
    const { saves, tookMs } = await timeTogether(folder, count);
    await remove(folder);
    rows.push([`${count} writes at once`, String(saves), ms(tookMs), ms(tookMs / count)]);
  }
  console.log('Batching, 1 MB database');
  printTable(['', 'saves', 'ms', 'ms a write'], rows);
}

async function lists(native: Native): Promise<void> {
  const folder = await projectOfRuns(RUNS);
  const ours = await timeLists(folder, LISTS);
  const theirs = await native(folder, { journalMode: 'DELETE', commits: 0, lists: LISTS });
  await remove(folder);
  const median = percentile(theirs?.listMs ?? [], 50);
  console.log(`List of ${RUNS} runs; ours decodes and checks every row, native gives raw rows`);
  printTable(
    ['', 'ours', 'native', 'ratio'],
    [
      [
        'list',
        spread(ours),
        theirs === undefined ? '–' : spread(theirs.listMs),
        `${(percentile(ours, 50) / median).toFixed(1)}×`,
      ],
    ],
  );
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
