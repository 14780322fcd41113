/** Where `ic` stores the output of the agents it starts (`docs/design/agents.md#files-of-a-dispatch`). */
import os from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The original's default folder for output (`docs/design/agents.md#starting`). */
export function defaultOutputFile(env: Environment, nowMs: number): string {
  const folder = env['TMPDIR'] ?? os.tmpdir();
  const nanoseconds = `${nowMs}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}`;
  return path.join(folder, `ic-dispatch-${nanoseconds}.md`);
}
