/** The native library, if the runtime has it: called directly, or in a thread. */
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { NativeAnswer, NativeRequest, NativeSqlite } from './messages';
import type { NativeSessions } from './sessions';
import { nativeModule } from './sqliteModule';

/** Next to the bundle if bundled, and next to this module otherwise. */
const THREAD_FILES = ['storage-thread.js', 'thread.js'];

/**
 * Returns the native library, loaded at the first call and shared by all later ones; undefined if there is none.
 * @param inThread for programs that must continue while a disk is slow.
 */
export function nativeLoader(inThread: boolean): () => NativeSqlite | undefined {
  let loaded: { readonly sqlite: NativeSqlite | undefined } | undefined;
  return () => (loaded ??= { sqlite: load(inThread) }).sqlite;
}

function load(inThread: boolean): NativeSqlite | undefined {
  const found = nativeModule();
  if (found === undefined) return undefined;
  if (inThread) return new ThreadedSqlite();
  // A window asks its thread, so only programs without one load the sessions themselves.
  let sessions: NativeSessions | undefined;
  return {
    ask: async (request) => {
      const { NativeSessions } = await import('./sessions.js');
      return (sessions ??= new NativeSessions(found)).answer(request);
    },
  };
}

/** Starts the thread at the first request. It keeps the process alive only during a request. */
class ThreadedSqlite implements NativeSqlite {
  private worker: Promise<Worker> | undefined;
  private readonly waiting = new Map<number, (answer: NativeAnswer) => void>();
  private last = 0;

  async ask(request: NativeRequest): Promise<NativeAnswer> {
    const worker = await (this.worker ??= this.start());
    const number = (this.last += 1);
    return new Promise((resolve) => {
      this.waiting.set(number, resolve);
      worker.ref();
      worker.postMessage({ number, request });
    });
  }

  private async start(): Promise<Worker> {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(await threadFile());
    worker.unref();
    worker.on('message', ({ number, answer }: { number: number; answer: NativeAnswer }) => {
      const resolve = this.waiting.get(number);
      this.waiting.delete(number);
      if (this.waiting.size === 0) worker.unref();
      resolve?.(answer);
    });
    worker.on('error', (error) => this.fail(error.message));
    worker.on('exit', () => this.fail('the storage thread ended'));
    return worker;
  }

  /** The request may or may not have been carried out; the next one starts another thread. */
  private fail(problem: string): void {
    this.worker = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const resolve of waiting) resolve({ kind: 'failed', code: undefined, problem });
  }
}

async function threadFile(): Promise<string> {
  const { existsSync } = await import('node:fs');
  const files = THREAD_FILES.map((name) => path.join(__dirname, name));
  return files.find((file) => existsSync(file)) ?? files[0] ?? '';
}
