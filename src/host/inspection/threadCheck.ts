/** Has a database checked in a thread of its own, which is ended if it hangs or takes too much memory. */
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { KernelError } from '../../kernel/errors';

/** What the thread is told to check. */
export interface CheckOrder {
  readonly file: string;
  readonly busyTimeoutMs: number;
}

/** What it found: nothing wrong, or an error. */
export type CheckResult = Pick<KernelError, 'code' | 'facts'> | null;

/** Beside the bundle where it ships, and beside this module where the sources run unbundled. */
const PROGRAM = 'inspector.js';
/** Of the thread's own objects; the database itself is bounded by its size. */
const MAX_HEAP_MB = 256;

/** @throws KernelError what the check found, or `DATABASE_REFUSED` where it did not end. */
export async function checkInThread(order: CheckOrder, deadlineMs: number): Promise<void> {
  // Seldom needed: a file is checked once.
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(path.join(__dirname, PROGRAM), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    env: {},
    execArgv: [],
  });
  try {
    const result = await resultOf(worker, order.file, deadlineMs);
    if (result !== null) throw new KernelError(result.code, result.facts);
  } finally {
    await worker.terminate();
  }
}

function resultOf(worker: Worker, file: string, deadlineMs: number): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const refuse = (problem: string): void => {
      clearTimeout(deadline);
      reject(new KernelError('DATABASE_REFUSED', { path: file, problem }));
    };
    const deadline = setTimeout(() => {
      refuse(`checking it took longer than ${deadlineMs / 1000} s`);
    }, deadlineMs);
    worker.once('message', (result: CheckResult) => {
      clearTimeout(deadline);
      resolve(result);
    });
    worker.once('error', ({ message }) => {
      refuse(`checking it failed: ${message}`);
    });
    worker.once('exit', (code) => {
      refuse(`checking it ended early with code ${code}`);
    });
  });
}
