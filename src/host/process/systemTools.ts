/**
 * Programs of the operating system that report on processes or end them. They need no trust: their names are fixed here,
 * they are found on the system's own path, and nothing of a folder reaches them but a number. The launcher shares this
 * file, so it imports nothing but Node.
 */
import { execFile, execFileSync } from 'node:child_process';

/** What is where the system keeps its own programs; the PATH of the environment is not searched. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
const LIMIT_MS = 5000;

/** What `ps` prints about a process in these columns; empty where there is none. */
export function processColumns(pid: number, columns: string): Promise<string> {
  const env = { PATH: SYSTEM_PATH, LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile('ps', ['-o', columns, '-p', String(pid)], { env, timeout: LIMIT_MS }, (error, output) => {
      resolve(error === null ? output : '');
    });
  });
}

/** Numbers that `ps` prints in these columns about every process; empty where it cannot be asked. */
export function processTable(columns: string): Promise<number[][]> {
  const env = { PATH: SYSTEM_PATH, LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile('ps', ['-axo', columns], { env, timeout: LIMIT_MS }, (error, output) => {
      const lines = error === null ? output.split('\n').filter((line) => line.trim() !== '') : [];
      resolve(lines.map((line) => line.trim().split(/\s+/).map(Number)));
    });
  });
}

/** Makes a named pipe for its owner alone. @throws Error where the system has none */
export function makeNamedPipe(name: string): void {
  execFileSync('mkfifo', ['-m', '600', name], { env: { PATH: SYSTEM_PATH }, timeout: LIMIT_MS, stdio: 'ignore' });
}

/** Ends a process of Windows with all it started. */
export function endWindowsTree(pid: number): Promise<void> {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  return new Promise((resolve) => {
    execFile(`${root}\\System32\\taskkill.exe`, ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, () =>
      resolve(),
    );
  });
}
