/**
 * A program that writes records to a project's database and prints `ack <name>` for each once it is durable. On
 * request, it kills itself at a step of a save. Its only argument is a `WriterTask` as JSON.
 */
import { writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { SAVE_STEPS } from '../../../src/host/image/imageFile';
import { CheckedFiles } from '../../../src/host/image/checkedFiles';
import { KernelError } from '../../../src/kernel/errors/errors';
import { databaseLocation } from '../../../src/host/files/paths';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { testDeps } from '../projects';
import { record } from './records';

export const writerTask = z.strictObject({
  folder: z.string(),
  name: z.string(),
  /** How many records to write; endless where left out. */
  count: z.int().optional(),
  /** How many are written at a time. */
  together: z.int().min(1).default(1),
  /** How long to rest after each write or batch. */
  pauseMs: z.number().default(0),
  /** How long a write waits for other processes. */
  busyTimeoutMs: z.number().default(30_000),
  /** Dies by SIGKILL at this step of the save with this number, counted from 1. */
  dieAt: z.strictObject({ step: z.enum(SAVE_STEPS), save: z.int() }).optional(),
});
export type WriterTask = z.input<typeof writerTask>;

async function main(task: z.infer<typeof writerTask>): Promise<void> {
  let saves = 0;
  const kernel = new ProjectKernel(
    databaseLocation(task.folder),
    testDeps({
      busyTimeoutMs: task.busyTimeoutMs,
      // As `ic` and windows of one person do; otherwise each checks in a thread what another has saved.
      checked: new CheckedFiles(path.join(task.folder, 'checked')),
      onStep: (step) => {
        if (step === 'locked') saves += 1;
        if (step === task.dieAt?.step && saves === task.dieAt.save) process.kill(process.pid, 'SIGKILL');
      },
    }),
  );
  await kernel.load();
  print('ready');
  for (let n = 0; n < (task.count ?? Infinity); n += task.together) {
    const names = Array.from({ length: task.together }, (_, i) => `${task.name}-${n + i}`);
    await Promise.all(names.map((name) => kernel.write((u) => record(u, name)).then(() => print(`ack ${name}`))));
    if (task.pauseMs > 0) await delay(task.pauseMs);
  }
  await kernel.dispose();
}

/** At once, so that nothing printed is lost when the process is killed. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}

if (require.main === module) {
  main(writerTask.parse(JSON.parse(process.argv[2] ?? ''))).catch((error: unknown) => {
    print(`failed ${error instanceof KernelError ? `${error.code} ${JSON.stringify(error.facts)}` : String(error)}`);
    process.exitCode = 1;
  });
}
