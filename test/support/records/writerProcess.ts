/** Runs `writerProgram` as a process of its own and keeps what it acknowledged. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { WriterTask } from './writerProgram';

const PROGRAM = path.join(__dirname, 'writerProgram.js');

export interface WriterRuntime {
  readonly node?: string;
  /** As `INTERCORE_TEST_STORAGE`. */
  readonly storage?: 'image' | 'native';
}

export class WriterProcess {
  /** The names that were durable, as far as the process could tell. */
  readonly acknowledged: string[] = [];
  /** The error it ended with, if it could still say one. */
  failure: string | undefined;
  /** How it ended: an exit code or a signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  private readonly child: ChildProcess;
  private readonly waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /**
   * @param shell a command line that ends by running its arguments, as `ulimit -f 100; exec "$@"`.
   * @param runtime another Node than ours, and how it stores.
   */
  constructor(task: WriterTask, shell?: string, runtime: WriterRuntime = {}) {
    const argv = [runtime.node ?? process.execPath, PROGRAM, JSON.stringify(task)];
    const [command = '', ...args] = shell === undefined ? argv : ['/bin/sh', '-c', shell, 'sh', ...argv];
    const env = runtime.storage === undefined ? {} : { INTERCORE_TEST_STORAGE: runtime.storage };
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    this.child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
    this.ended = once(child, 'close').then(([code, signal]: unknown[]) => {
      for (const { resolve } of this.waiting.splice(0)) resolve();
      return (signal ?? code) as number | NodeJS.Signals | null;
    });
  }

  /** Resolves once that many writes are acknowledged, or the process has ended. */
  async acknowledges(count: number): Promise<void> {
    if (this.acknowledged.length >= count || this.child.exitCode !== null) return;
    await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
  }

  kill(): Promise<number | NodeJS.Signals | null> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  private take(line: string): void {
    const [word, ...rest] = line.split(' ');
    if (word === 'ack') this.acknowledged.push(rest.join(' '));
    if (word === 'failed') this.failure = rest.join(' ');
    const ready = this.waiting.filter(({ count }) => this.acknowledged.length >= count);
    for (const waiter of ready) {
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }
}
