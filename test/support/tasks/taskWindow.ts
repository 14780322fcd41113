/** A window in a process of its own that leads tasks, to be killed at a moment that the test sees. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE_MS } from '../dispatch/dispatchFixture';
import type { TaskLife } from './taskProgram';
import type { TaskFixture } from './taskFixture';

const LOOK_MS = 20;

/** Starts a window on the tasks. The caller ends it. */
export function taskWindow(
  { stage, settings }: TaskFixture,
  more: Partial<TaskLife> = {},
  account: Readonly<Record<string, string>> = {},
): ChildProcess {
  const { project, storage, home } = stage;
  const life: TaskLife = { project, storage, home, settings, lateMs: 0, ...more };
  const program = path.resolve(__dirname, 'taskProgram.js');
  return spawn(process.execPath, [program, JSON.stringify(life)], {
    env: { ...process.env, ...account },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Runs a window until `isTime`, then kills it with SIGKILL. What it started continues. */
export async function killedWindow(
  fixture: TaskFixture,
  isTime: () => boolean | Promise<boolean>,
  more: Partial<TaskLife> = {},
): Promise<void> {
  const window = taskWindow(fixture, more);
  const gone = once(window, 'exit');
  const until = Date.now() + PATIENCE_MS;
  try {
    // It is another process, whose files are all that can be seen of it.
    while (!(await isTime())) {
      if (window.exitCode !== null) throw new Error(`the window ended with ${window.exitCode} before its time`);
      if (Date.now() > until) throw new Error('the time to kill the window never came');
      await delay(LOOK_MS);
    }
  } finally {
    window.kill('SIGKILL');
    await gone;
  }
}

/** Runs a window that kills itself at a step of a save, or ends first. */
export async function windowThatDies(fixture: TaskFixture, dieAt: NonNullable<TaskLife['dieAt']>): Promise<void> {
  await windowToItsEnd(fixture, { dieAt });
}

/** Whether a window killed itself; it ended well otherwise. */
export async function windowToItsEnd(fixture: TaskFixture, more: Partial<TaskLife>): Promise<boolean> {
  const window = taskWindow(fixture, more);
  const limit = setTimeout(() => window.kill('SIGTERM'), 2 * PATIENCE_MS);
  const [code, signal] = (await once(window, 'exit')) as [number | null, NodeJS.Signals | null];
  clearTimeout(limit);
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the window ended with ${code ?? signal}`);
  return signal === 'SIGKILL';
}

/** Whether there is a process. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
