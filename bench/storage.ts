/**
 * Commits by the size of the record, with the adapter that this Node has: SQLite of the runtime, or the image. One JSON
 * line for each size. `INTERCORE_STORAGE=image` keeps from SQLite of the runtime; `thread` has it in a thread, as in the editor.
 */
import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemPorts } from '../src/host/clock';
import { silentLog } from '../src/host/log';
import { nativeLoader } from '../src/host/native/nativeSqlite';
import { databaseLocation } from '../src/host/files/paths';
import { engineLoader } from '../src/host/wasm/sqliteWasm';
import { ProjectKernel } from '../src/services/record/kernels';
import { projectOfSize, remove } from './ours';
import { percentile } from './statistics';
import { COMMIT } from './workload';
import { defined } from '../src/kernel/defined';

const MEGABYTE = 1_000_000;
const SIZES = [0.1, 1, 10, 50] as const;
const COMMITS = 100;

async function main(): Promise<void> {
  const storage = process.env['INTERCORE_STORAGE'] ?? 'direct';
  const engine = engineLoader();
  const native = storage === 'image' ? undefined : nativeLoader(storage === 'thread');
  for (const size of SIZES) {
    const folder = await projectOfSize(size * MEGABYTE);
    const kernel = new ProjectKernel(databaseLocation(folder), {
      engine,
      ports: systemPorts,
      log: silentLog,
      trusted: () => true,
      busyTimeoutMs: 30_000,
      watch: false,
      ...defined({ native }),
    });
    await kernel.load();
    const blocked = monitorEventLoopDelay({ resolution: 1 });
    const times: number[] = [];
    blocked.enable();
    for (let n = 0; n < COMMITS; n++) {
      const started = performance.now();
      await kernel.write((u) => {
        for (const { sql, params } of COMMIT) u.db.run(sql, params(n));
      });
      times.push(performance.now() - started);
    }
    blocked.disable();
    const [load = 0] = os.loadavg();
    const result = {
      size,
      storage: native?.() === undefined ? 'image' : storage,
      p50: percentile(times, 50),
      p99: percentile(times, 99),
      loopP99: blocked.percentile(99) / 1e6,
      loopMax: blocked.max / 1e6,
      rssMb: process.memoryUsage.rss() / MEGABYTE,
      load,
    };
    console.log(JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? round(value) : value)));
    await kernel.dispose();
    await remove(folder);
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
