/** Has a database checked in a separate thread, which is ended if it hangs or uses too much memory. */
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';

/** What the thread checks. */
export type CheckOrder =
  | { readonly file: string; readonly busyTimeoutMs: number }
  /** An image of the file that was read already. */
  | { readonly file: string; readonly bytes: Uint8Array };

export interface CheckResult {
  /** Null where nothing is wrong. */
  readonly error: Pick<KernelError, 'code' | 'facts'> | null;
  /** The returned image. */
  readonly bytes: Uint8Array | undefined;
}

/** Next to the bundle if bundled, and next to this module otherwise. */
const PROGRAM = 'inspector.js';
/** Of the thread's own objects; the database itself is bounded by its size. */
const MAX_HEAP_MB = 256;

/** Far more than an image of the largest allowed size takes. */
const IMAGE_DEADLINE_MS = 30_000;

/**
 * Has an image checked. The memory is transferred to the thread, since copying would take as long as checking: only the
 * returned bytes may be used.
 * @throws KernelError as `checkInThread`
 */
export async function checkImageInThread(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  const handedBack = await checkInThread({ file, bytes }, IMAGE_DEADLINE_MS);
  if (handedBack === undefined) throw new Error('The checked image was not handed back.');
  return handedBack;
}

/** @throws KernelError the result of the check, or `DATABASE_REFUSED` if it did not end. */
export async function checkInThread(order: CheckOrder, deadlineMs: number): Promise<Uint8Array | undefined> {
  // Rarely needed: a file is checked once.
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(path.join(__dirname, PROGRAM), {
    workerData: order,
    ...('bytes' in order && order.bytes.buffer instanceof ArrayBuffer ? { transferList: [order.bytes.buffer] } : {}),
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    env: {},
    execArgv: [],
  });
  try {
    const { error, bytes } = await resultOf(worker, order.file, deadlineMs);
    if (error !== null) throw new KernelError(error.code, error.facts);
    return bytes;
  } finally {
    await worker.terminate();
  }
}

function resultOf(worker: Worker, file: string, deadlineMs: number): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const refuse = (problem: Problem<'DATABASE_REFUSED'>): void => {
      clearTimeout(deadline);
      reject(new KernelError('DATABASE_REFUSED', { path: file, problem }));
    };
    const deadline = setTimeout(() => {
      refuse(because('checking it took longer than {seconds} s', { seconds: deadlineMs / 1000 }));
    }, deadlineMs);
    worker.once('message', (result: CheckResult) => {
      clearTimeout(deadline);
      resolve(result);
    });
    worker.once('error', ({ message }) => {
      refuse(because('checking it failed: {said}', { said: message }));
    });
    worker.once('exit', (code) => {
      refuse(because('checking it ended early with code {code}', { code }));
    });
  });
}
