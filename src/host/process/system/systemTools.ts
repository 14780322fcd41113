/**
 * Programs of the operating system that report on processes or end them. They need no trust: their names are fixed
 * here, they are found on the system's own path, and their only input is a number. The launcher shares this file, so it
 * imports nothing but Node.
 */
import { execFile, execFileSync } from 'node:child_process';

/** The folders of the system's own programs; the PATH of the environment is not searched. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
const LIMIT_MS = 5000;

/** Output of `ps` about a process in these columns; empty if there is none. */
export function processColumns(pid: number, columns: string): Promise<string> {
  const env = { PATH: SYSTEM_PATH, LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile('ps', ['-o', columns, '-p', String(pid)], { env, timeout: LIMIT_MS }, (error, output) => {
      resolve(error === null ? output : '');
    });
  });
}

/** Numbers that `ps` prints in these columns about every process; empty if it cannot run. */
export function processTable(columns: string): Promise<number[][]> {
  const env = { PATH: SYSTEM_PATH, LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile('ps', ['-axo', columns], { env, timeout: LIMIT_MS }, (error, output) => {
      const lines = error === null ? output.split('\n').filter((line) => line.trim() !== '') : [];
      resolve(lines.map((line) => line.trim().split(/\s+/).map(Number)));
    });
  });
}

/**
 * What `ps` (`<pid> <command line>` in each line) or, on Windows, PowerShell (JSON) prints of every process; empty if it
 * cannot run. It takes seconds on Windows.
 */
export function commandLines(platform: NodeJS.Platform): Promise<string> {
  const [program, args, env]: [string, string[], NodeJS.ProcessEnv | undefined] =
    platform === 'win32'
      ? [`${windowsFolder()}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`, POWERSHELL_ARGS, undefined]
      : ['ps', ['-axww', '-o', 'pid=,command='], { PATH: SYSTEM_PATH, LC_ALL: 'C' }];
  return new Promise((resolve) => {
    const options = { env, timeout: TABLE_LIMIT_MS, maxBuffer: MOST_BYTES, windowsHide: true };
    execFile(program, args, options, (error, output) => resolve(error === null ? output : ''));
  });
}

const TABLE_LIMIT_MS = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;
const POWERSHELL_ARGS = [
  ...['-NoProfile', '-NonInteractive', '-Command'],
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8; ' +
    'ConvertTo-Json -Compress @(Get-CimInstance Win32_Process | Select-Object ProcessId, CommandLine)',
];

function windowsFolder(): string {
  return process.env['SystemRoot'] ?? 'C:\\Windows';
}

/** Creates a named pipe for its owner only. @throws Error if the system has none */
export function makeNamedPipe(name: string): void {
  execFileSync('mkfifo', ['-m', '600', name], { env: { PATH: SYSTEM_PATH }, timeout: LIMIT_MS, stdio: 'ignore' });
}

/** Ends a process of Windows with all its descendants. */
export function endWindowsTree(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile(
      `${windowsFolder()}\\System32\\taskkill.exe`,
      ['/PID', String(pid), '/T', '/F'],
      { windowsHide: true },
      () => resolve(),
    );
  });
}
