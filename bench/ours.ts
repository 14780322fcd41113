/** Our half of the comparison. */
import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemPorts } from '../src/host/clock';
import type { SaveStep } from '../src/host/image/imageFile';
import { silentLog } from '../src/host/log';
import { databaseLocation } from '../src/host/files/paths';
import { engineLoader } from '../src/host/wasm/sqliteWasm';
import { Kernel } from '../src/kernel/image/kernel';
import { listRuns } from '../src/kernel/run/record/queries';
import { ProjectKernel } from '../src/services/record/kernels';
import { COMMIT } from './workload';

const engine = engineLoader();

export interface CommitTimes {
  readonly totalMs: number[];
  /** How long each commit kept the event loop to itself: the transaction and the export. */
  readonly blockedMs: number[];
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'intercore-bench-'));
}

export function openKernel(folder: string, onStep?: (step: SaveStep) => void): ProjectKernel {
  const deps = { engine, ports: systemPorts, log: silentLog, trusted: () => true, busyTimeoutMs: 30_000, watch: false };
  return new ProjectKernel(databaseLocation(folder), onStep === undefined ? deps : { ...deps, onStep });
}

/** Makes a project whose database has at least that size, and at least `run0`. */
export async function projectOfSize(bytes: number): Promise<string> {
  const folder = await temporaryFolder();
  const kernel = openKernel(folder);
  await kernel.initialize();
  await kernel.write((u) => u.db.run("INSERT INTO runs (id, project_dir, goal) VALUES ('run0', '/p', 'bench')", []));
  for (let n = 0; ; n++) {
    const missing = bytes - (await stat(kernel.path)).size;
    if (missing <= 4096) break;
    const rows = Math.ceil(missing / 1100);
    await kernel.write((u) => {
      for (let row = 0; row < rows; row++) {
        u.db.run('INSERT INTO state (key, scope_id, payload) VALUES (?, ?, ?)', [
          'fill',
          `${n}-${row}`,
          'x'.repeat(1000),
        ]);
      }
    });
  }
  await kernel.dispose();
  return folder;
}

export async function projectOfRuns(count: number): Promise<string> {
  const folder = await temporaryFolder();
  const kernel = openKernel(folder);
  await kernel.initialize();
  await kernel.write((u) => {
    for (let n = 0; n < count; n++) {
      u.db.run('INSERT INTO runs (id, project_dir, goal, created_at) VALUES (?, ?, ?, ?)', [
        `run${n}`,
        '/p',
        'bench',
        n,
      ]);
    }
  });
  await kernel.dispose();
  return folder;
}

/** The same database in another folder, so that each side starts from the same bytes. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await mkdir(path.join(copy, '.clavain'), { mode: 0o700 });
  await copyFile(databaseLocation(folder).path, databaseLocation(copy).path);
  return copy;
}

export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

export async function timeCommits(folder: string, count: number): Promise<CommitTimes> {
  let compared = 0;
  const times: CommitTimes = { totalMs: [], blockedMs: [] };
  const kernel = openKernel(folder, (step) => {
    if (step === 'compared') compared = performance.now();
    if (step === 'exported') times.blockedMs.push(performance.now() - compared);
  });
  await kernel.load();
  for (let n = 0; n < count; n++) {
    const started = performance.now();
    await kernel.write((u) => {
      for (const { sql, params } of COMMIT) u.db.run(sql, params(n));
    });
    times.totalMs.push(performance.now() - started);
  }
  await kernel.dispose();
  return times;
}

/** How long reading the file takes until it can be queried. */
export async function timeLoad(folder: string): Promise<number> {
  await engine();
  const kernel = openKernel(folder);
  const started = performance.now();
  await kernel.load();
  const took = performance.now() - started;
  await kernel.dispose();
  return took;
}

export async function timeExport(folder: string): Promise<number> {
  const kernel = Kernel.open(await engine(), await readFile(databaseLocation(folder).path), systemPorts);
  const started = performance.now();
  kernel.export();
  const took = performance.now() - started;
  kernel.close();
  return took;
}

export async function timeLists(folder: string, count: number): Promise<number[]> {
  const kernel = openKernel(folder);
  await kernel.load();
  const times = Array.from({ length: count }, () => {
    const started = performance.now();
    kernel.read((r) => listRuns(r));
    return performance.now() - started;
  });
  await kernel.dispose();
  return times;
}

/** Saves and milliseconds that `count` writes take that are asked for at once. */
export async function timeTogether(folder: string, count: number): Promise<{ saves: number; tookMs: number }> {
  let saves = 0;
  const kernel = openKernel(folder, (step) => {
    if (step === 'renamed') saves += 1;
  });
  await kernel.load();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      kernel.write((u) => {
        for (const { sql, params } of COMMIT) u.db.run(sql, params(1_000_000 + n));
      }),
    ),
  );
  const tookMs = performance.now() - started;
  await kernel.dispose();
  return { saves, tookMs };
}
