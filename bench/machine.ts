/** The machine beside every number: others may use it while we measure, so each table says how even it was. */
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
