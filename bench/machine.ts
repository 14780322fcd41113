/** The machine beside every number: others may use it while we measure, so each table says how even it was. */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { ms, percentile } from './statistics';

export const DISTRIBUTION = ['min', 'median', 'p95', 'max'] as const;

/** Cells for the headings of `DISTRIBUTION`, and how many samples there were. */
export function distribution(samples: readonly number[]): string[] {
  const cells = [Math.min(...samples), percentile(samples, 50), percentile(samples, 95), Math.max(...samples)];
  return samples.length === 0 ? DISTRIBUTION.map(() => '–') : cells.map(ms);
}

/** A fixed piece of work of about 20 ms, timed again and again: on an idle machine its median is near its least. */
export function machineNoise(): string {
  const samples = Array.from({ length: 15 }, timeFixedWork);
  const load = os
    .loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `machine: load ${load}; fixed work min ${ms(Math.min(...samples))}, median ${ms(percentile(samples, 50))}, max ${ms(Math.max(...samples))} ms`;
}

function timeFixedWork(): number {
  const started = performance.now();
  let sum = 0;
  for (let n = 0; n < 2_000_000; n++) sum = (sum + Math.imul(n, 2_654_435_761)) | 0;
  // Used, so that the loop cannot be left out.
  return performance.now() - started + (sum & 0);
}

/** With the milliseconds that it took by the clock. */
export function timed<T>(work: () => T): { readonly value: T; readonly tookMs: number } {
  const started = performance.now();
  const value = work();
  return { value, tookMs: performance.now() - started };
}

/** With the CPU milliseconds of this process that it took: what else the machine does is not in them. */
export function cpuOf<T>(work: () => T): { readonly value: T; readonly tookMs: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, tookMs: (user + system) / 1000 };
}

/** How long the work took by the clock, and the longest time for which it kept the event loop to itself. */
export async function timedTurns(work: () => Promise<unknown>): Promise<{ tookMs: number; blockedMs: number }> {
  const state = { isOver: false, blockedMs: 0 };
  const startedAt = performance.now();
  let last = startedAt;
  const turn = (): void => {
    const now = performance.now();
    state.blockedMs = Math.max(state.blockedMs, now - last);
    last = now;
    if (!state.isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  turn();
  state.isOver = true;
  return { tookMs: performance.now() - startedAt, blockedMs: state.blockedMs };
}

/** How long the main thread could have run and had no processor, since its start; NaN where the system does not show it. */
export function processorWaitMs(): number {
  const statistics = '/proc/self/schedstat';
  if (!existsSync(statistics)) return NaN;
  return Number(readFileSync(statistics, 'utf8').split(' ')[1]) / 1e6;
}
