/**
 * Reading something of every process, on Linux. Leftover processes are searched whenever an agent or a check ends, by
 * its launcher and by the window, so the search must be fast. The launcher shares this file, so it imports nothing but
 * Node.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Read within a few milliseconds. */
const PROCESSES_IN_A_TURN = 100;

/** The results of `read` by pid; processes without a result are omitted. */
export async function ofAllProcesses<T>(read: (pid: number) => T | undefined): Promise<Map<number, T>> {
  const found = new Map<number, T>();
  for (const [index, pid] of allPids().entries()) {
    if (index > 0 && index % PROCESSES_IN_A_TURN === 0) await nextTurn();
    const value = read(pid);
    if (value !== undefined) found.set(pid, value);
  }
  return found;
}

/**
 * A small file of a process, such as `stat` or `limits`; undefined where the process has ended. `/proc` is memory, and a
 * synchronous read takes a fifth of the time of an asynchronous one. Not for `environ` and `cmdline`: they are in the
 * memory of the process, and reading them waits while it is busy there.
 */
export function processFileNow(pid: number | 'self', name: 'stat' | 'limits'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    // The process has ended.
    return undefined;
  }
}

function allPids(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}
