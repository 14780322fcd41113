/**
 * Whether a process exists, by sending it signal 0. Every program loads this with the lock of records, so it is small.
 */

/** Whether a process or, with a negative number, a process group exists. EPERM means that it does. */
export function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
