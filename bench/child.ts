/** A measurement in a process of its own, so that no other's memory and warm code count. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';

/** Runs a module that answers with `answer` and returns what it said. Throws when it ends without. */
export async function inChild<T>(
  module: string,
  schema: z.ZodType<T>,
  args: readonly string[] = [],
  execPath = process.execPath,
): Promise<T> {
  const child = fork(module, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execPath });
  let answered: unknown;
  child.on('message', (message) => (answered = message));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${module} ended with ${String(code)}`);
  return schema.parse(answered);
}

/** Sends what was measured. The process ends when nothing else keeps it. */
export function answer(result: object): void {
  process.send?.(result, () => process.disconnect());
}
