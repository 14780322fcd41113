/** The real sqlite3 program, as the other program that uses our databases. */
import { execFile, execFileSync, spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export function hasSqlite3(): boolean {
  return spawnSync('sqlite3', ['--version']).status === 0;
}

/** Another program may be writing the same file; sqlite3 on its own would not wait for it. */
const WAITING = ['-bail', '-cmd', '.timeout 10000'];

/** Runs statements and gives what they print. */
export async function sqlite3(file: string, sql: string): Promise<string> {
  return (await promisify(execFile)('sqlite3', [...WAITING, file, sql])).stdout.trim();
}

/** The same, before anything else in this process happens. */
export function sqlite3Now(file: string, sql: string): string {
  return execFileSync('sqlite3', [...WAITING, file, sql], { encoding: 'utf8' }).trim();
}

/** A sqlite3 program that keeps the file open until it is ended. */
export class OpenSqlite3 {
  private readonly child: ChildProcessWithoutNullStreams;
  private lines: AsyncIterator<string>;

  constructor(file: string) {
    this.child = spawn('sqlite3', ['-bail', file]);
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Runs statements that print nothing; resolves when they are done. */
  async run(sql: string): Promise<void> {
    this.child.stdin.write(`${sql}\nSELECT 'done';\n`);
    for (let line = await this.lines.next(); line.value !== 'done'; line = await this.lines.next()) {
      if (line.done === true) throw new Error('sqlite3 ended');
    }
  }

  async close(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, 'close');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'close');
  }
}
