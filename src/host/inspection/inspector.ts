/**
 * The thread that opens, checks, and migrates a database that is new to us, in memory and by the very code that opens it
 * afterwards. What it makes is thrown away: only whether it got through counts.
 */
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { isKernelError } from '../../kernel/errors';
import { Kernel } from '../../kernel/kernel';
import { systemPorts } from '../clock';
import { readFailure } from '../fileErrors';
import { ImageFile } from '../imageFile';
import { applyJournal } from '../journal';
import { engineLoader } from '../sqliteWasm';
import { naming } from './refusal';
import type { CheckOrder, CheckResult } from './threadCheck';

async function check({ file, busyTimeoutMs }: CheckOrder): Promise<CheckResult> {
  try {
    const image = new ImageFile({ folder: path.dirname(file), path: file }, { busyTimeoutMs, rollBack: applyJournal });
    const snapshot = await image.read();
    const engine = await engineLoader()();
    naming(file, () => {
      Kernel.open(engine, snapshot?.bytes, systemPorts).close();
    });
    return null;
  } catch (error) {
    const { code, facts } = isKernelError(error) ? error : readFailure(file, error);
    return { code, facts };
  }
}

// The order comes from the thread that started this one, through a typed function.
void check(workerData as CheckOrder).then((result) => parentPort?.postMessage(result));
