/**
 * Measures the relay (`docs/design/architecture.md#bars`): cycles with and without news, catching up, memory. Prints a
 * table, asserts nothing.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock, systemPorts } from '../src/host/clock';
import { silentLog } from '../src/host/log';
import { portfolioLocation } from '../src/host/files/paths';
import { engineLoader } from '../src/host/wasm/sqliteWasm';
import { phaseEvents } from '../src/kernel/run/record/queries';
import type { PortfolioOutcome } from '../src/kernel/portfolio/model';
import { createPortfolioRun } from '../src/services/portfolio/create';
import { PortfolioHome } from '../src/services/portfolio/home/home';
import { Relay } from '../src/services/portfolio/relay/relay';
import { temporaryFolder } from './ours';
import { ms, percentile, printTable, spread } from './statistics';

/** A portfolio has two children at least. Most first, since memory that was freed would hide what more takes. */
const CHILDREN = [100, 10, 2] as const;
const IDLE_CYCLES = 200;
const NEWS_CYCLES = 10;
const NEWS = 10;
const BACKLOG = 10_000;
const REPEATS = 3;

const engine = engineLoader();
const MEGABYTE = 1_000_000;

interface Bench {
  readonly home: PortfolioHome;
  readonly made: PortfolioOutcome;
  readonly relay: Relay;
  /** What holding the portfolio and its children in memory takes, in bytes. */
  readonly held: number;
}

/** A portfolio over new projects, read through once, after `work`. */
async function withPortfolio(children: number, work: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  const folders = Array.from({ length: children }, (_, at) => path.join(folder, `child${at}`));
  for (const child of folders) await mkdir(child);
  const maker = homeAt(folder);
  const made = await createPortfolioRun(maker, { goal: 'bench', folders });
  await maker.dispose();
  const before = memory();
  const home = homeAt(folder);
  await home.load();
  const relay = relayOf(home, made);
  await relay.cycle();
  const held = memory() - before;
  await work({ home, made, relay, held });
  await home.dispose();
  await rm(folder, { recursive: true, force: true });
}

export async function measureRelay(): Promise<void> {
  const rows: string[][] = [];
  const memories: string[] = [];
  for (const count of CHILDREN) {
    await withPortfolio(count, async ({ home, made, relay, held }) => {
      const idle = await times(IDLE_CYCLES, () => relay.cycle());
      const first = await times(REPEATS, () => relayOf(home, made).cycle());
      const news: number[] = [];
      for (let round = 0; round < NEWS_CYCLES; round++) {
        for (const { id, projectDir } of made.children) await addEvents(home, projectDir, id, NEWS);
        news.push(...(await times(1, () => relay.cycle())));
      }
      rows.unshift([String(count), ms(percentile(idle, 50)), ms(percentile(idle, 95)), spread(first), spread(news)]);
      memories.push(`${(held / MEGABYTE).toFixed(0)} MB with ${count} children`);
    });
  }
  console.log(`One cycle of the relay, in ms; idle over ${IDLE_CYCLES} cycles, news are ${NEWS} events of every child`);
  printTable(['children', 'idle p50', 'idle p95', 'first cycle of a window', 'with news'], rows);
  console.log(`Memory of a portfolio and its children, all of them open: ${memories[0] ?? ''}\n`);
  await measureBacklog();
}

async function measureBacklog(): Promise<void> {
  const rows: string[][] = [];
  for (const count of [2, 100]) {
    const took: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      await withPortfolio(count, async ({ home, made, relay }) => {
        const behind = count === 2 ? made.children.slice(0, 1) : made.children;
        for (const { id, projectDir } of behind) await addEvents(home, projectDir, id, BACKLOG / behind.length);
        took.push(...(await times(1, () => relay.cycle())));
        const relayed = home.kernel.read((r) => phaseEvents(r, made.portfolio.id)).length;
        if (relayed !== BACKLOG) throw new Error(`${relayed} events of ${BACKLOG} were relayed`);
      });
    }
    rows.push([count === 2 ? 'one child' : `${count} children`, spread(took)]);
  }
  console.log(`Catching up with ${BACKLOG} events, in ms`);
  printTable(['backlog of', 'one cycle'], rows);
}

function homeAt(folder: string): PortfolioHome {
  const kernelDeps = {
    engine,
    ports: systemPorts,
    log: silentLog,
    trusted: () => true,
    busyTimeoutMs: 30_000,
    watch: false,
  };
  return new PortfolioHome({ location: portfolioLocation(folder), kernelDeps, openKernel: () => undefined });
}

function relayOf(home: PortfolioHome, made: PortfolioOutcome): Relay {
  return new Relay({
    kernel: home.kernel,
    portfolioId: made.portfolio.id,
    childKernel: (folder) => home.childKernel(folder),
    clock: systemClock,
  });
}

async function addEvents(home: PortfolioHome, projectDir: string, runId: string, count: number): Promise<void> {
  await home.childKernel(projectDir).write((u) => {
    for (let n = 0; n < count; n++) {
      u.db.run(
        `INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, created_at)
         VALUES (?, 'brainstorm', 'strategized', 'set', ?)`,
        [runId, u.now],
      );
    }
  });
}

async function times(count: number, work: () => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return taken;
}

function memory(): number {
  return process.memoryUsage().rss;
}

if (require.main === module) {
  measureRelay().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
