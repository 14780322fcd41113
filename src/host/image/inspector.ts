/**
 * The thread that opens, checks, and migrates a new database, or a large image, in memory and with the same code that
 * opens it afterwards. Its result is discarded: only success counts.
 */
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { isKernelError } from '../../kernel/errors/errors';
import { Kernel } from '../../kernel/image/kernel';
import { systemPorts } from '../clock';
import { readFailure } from '../files/fileErrors';
import { ImageFile } from './imageFile';
import { applyJournal } from '../database/journal';
import { engineLoader } from '../wasm/sqliteWasm';
import { naming } from '../database/refusal';
import type { CheckOrder, CheckResult } from './threadCheck';

async function check(order: CheckOrder): Promise<CheckResult> {
  const { file } = order;
  const given = 'bytes' in order ? order.bytes : undefined;
  try {
    const bytes = 'bytes' in order ? order.bytes : await read(file, order.busyTimeoutMs);
    const engine = await engineLoader()();
    naming(file, () => {
      Kernel.open(engine, bytes, systemPorts).close();
    });
    return { error: null, bytes: given };
  } catch (error) {
    const { code, facts } = isKernelError(error) ? error : readFailure(file, error);
    return { error: { code, facts }, bytes: given };
  }
}

async function read(file: string, busyTimeoutMs: number): Promise<Uint8Array | undefined> {
  const image = new ImageFile({ folder: path.dirname(file), path: file }, { busyTimeoutMs, rollBack: applyJournal });
  return (await image.read())?.bytes;
}

// The order comes from the thread that started this one, through a typed function.
void check(workerData as CheckOrder).then((result) => {
  const memory = result.bytes?.buffer;
  parentPort?.postMessage(result, memory instanceof ArrayBuffer ? [memory] : []);
});
