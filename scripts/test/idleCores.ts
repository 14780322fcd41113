/** Whether cores of this machine are idle, measured between two calls. */
import { availableParallelism, cpus } from 'node:os';

/** Shorter spans are chance. */
const LEAST_SPAN_MS = 1500;
/** In cores: what a test file needs on average, which waits for processes most of its time. */
const ENOUGH = 0.4;

interface Times {
  readonly at: number;
  readonly idle: number;
  readonly all: number;
}

/**
 * Says whether one more part fits. Each yes starts a new span, so what was started for it is counted before the next
 * yes. Where the machine does not report times, the answer is no.
 */
export function idleCores(read: () => Times = times, cores = availableParallelism()): () => boolean {
  let from = read();
  return () => {
    const now = read();
    if (now.at - from.at < LEAST_SPAN_MS) return false;
    const all = now.all - from.all;
    const idle = all > 0 ? ((now.idle - from.idle) / all) * cores : 0;
    from = now;
    return idle >= ENOUGH;
  };
}

/** Measures from this call to that of the result: which part of the cores' time was idle, from 0 to 1. */
export function idleShare(read: () => Times = times): () => number {
  const from = read();
  return () => {
    const now = read();
    return now.all > from.all ? (now.idle - from.idle) / (now.all - from.all) : 0;
  };
}

function times(): Times {
  const each = cpus().map((cpu) => cpu.times);
  const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
  return {
    at: performance.now(),
    idle: total(each.map(({ idle }) => idle)),
    all: total(each.flatMap((time) => [time.user, time.nice, time.sys, time.idle, time.irq])),
  };
}
