/**
 * Replaces the native watchdog of the VS Code server: ends an extension host within a second of its server's death.
 * Copied into the installed server; loaded by its extension hosts, never by us.
 */
const CHECK_MS = 1000;
const PARENT_GONE = 87;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

export function start(parentPid: number): void {
  setTimeout(() => {
    if (!isAlive(parentPid)) process.exit(PARENT_GONE);
    start(parentPid);
  }, CHECK_MS).unref();
}
