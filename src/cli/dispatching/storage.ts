/** Where `ic` leaves the output of the agents it starts (design §8). */
import os from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The original's place for output that nobody named (`spec/kernel.md` §4.2). */
export function defaultOutputFile(env: Environment, nowMs: number): string {
  const folder = env['TMPDIR'] ?? os.tmpdir();
  const nanoseconds = `${nowMs}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}`;
  return path.join(folder, `ic-dispatch-${nanoseconds}.md`);
}
