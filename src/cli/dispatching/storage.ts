/** Where `ic` keeps prompts, logs and records of the agents it starts: outside every project (design §8). */
import os from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_STATE_HOME/intercore/dispatches`, else below the home directory, else in the temporary directory. */
export function storageFolder(env: Environment): string {
  const state = env['XDG_STATE_HOME'];
  if (state !== undefined && path.isAbsolute(state)) return path.join(state, 'intercore', 'dispatches');
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (home !== undefined && path.isAbsolute(home)) {
    return path.join(home, '.local', 'state', 'intercore', 'dispatches');
  }
  return path.join(os.tmpdir(), `intercore-${os.userInfo().username}`, 'dispatches');
}

/** The original's place for output that nobody named (`spec/kernel.md` §4.2). */
export function defaultOutputFile(env: Environment, nowMs: number): string {
  const folder = env['TMPDIR'] ?? os.tmpdir();
  const nanoseconds = `${nowMs}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}`;
  return path.join(folder, `ic-dispatch-${nanoseconds}.md`);
}
