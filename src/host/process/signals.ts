/**
 * The only file that sends signals. What is exported names a child of this process, our own group, or processes that
 * were found to be ours. The launcher shares this file, so it imports nothing but Node.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { groupRuns } from './processIdentity';
import type { ChildProcess } from './startProcess';
import { endWindowsTree } from './system/systemTools';

/** Ends a child of this process and its group, which it leads because it was started detached. */
export async function endChildGroup(child: ChildProcess, graceMs: number): Promise<void> {
  // Once it was reaped its pid may be another's, so the group is signaled only while it exists.
  if (child.pid === undefined || child.pid <= 1 || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') return endWindowsTree(child.pid);
  if (graceMs > 0) {
    signal(-child.pid, 'SIGTERM');
    await waitUntil(async () => !(await groupRuns(child.pid ?? 0)), graceMs);
  }
  if (await groupRuns(child.pid)) signal(-child.pid, 'SIGKILL');
}

/** A polite request to the launcher's own group, which the launcher itself outlives. */
export function askOwnGroup(): void {
  if (process.platform !== 'win32') signal(-process.pid, 'SIGTERM');
}

/** Ends the launcher's own group, and with it the launcher. */
export function killOwnGroup(): void {
  if (process.platform !== 'win32') signal(-process.pid, 'SIGKILL');
}

/** Returns whether it became true in time. */
export async function waitUntil(condition: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  for (let pauseMs = 10; !(await condition()); pauseMs = Math.min(pauseMs * 2, 200)) {
    if (Date.now() >= deadline) return false;
    await delay(Math.min(pauseMs, Math.max(1, deadline - Date.now())));
  }
  return true;
}

export function signal(target: number, name: NodeJS.Signals): void {
  // 0, 1 and -1 are whole groups or every process of the user.
  if (Math.abs(target) <= 1) return;
  try {
    process.kill(target, name);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
}
