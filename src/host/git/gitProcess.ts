/** One process of git: its output, its end, and a limit on its silence. Loaded with the first call. */
import type { ProcessStarter } from '../process/startProcess';

/** Why we ended git. */
export const NO_PROGRESS = 'no sign of life for too long';
export const ABORTED = 'stopped by its caller';

export interface GitStart {
  readonly starter: ProcessStarter;
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The longest time without output; 0 for none. */
  readonly limitMs: number;
  /** Ends git. */
  readonly signal: AbortSignal | undefined;
}

export interface GitEnd {
  /** Null if a signal ended git. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why we ended git. */
  readonly endedFor: string | undefined;
}

/** A process that git left running may keep the output open: it is read until it is silent for as long. */
const LEFT_OPEN_MS = 50;

/** @throws Error if git cannot be started, with the message of Node */
export function gitProcess({ starter, folder, args, env, limitMs, signal }: GitStart): Promise<GitEnd> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new Error(ABORTED));
      return;
    }
    // Git waits for nothing on its input.
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = starter.spawn('git', args, { cwd: folder, env, windowsHide: true, stdio: [...stdio] });
    const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    let endedFor: string | undefined;
    let silence: NodeJS.Timeout | undefined;
    let leftOpen: NodeJS.Timeout | undefined;

    const end = (reason: string): void => {
      endedFor ??= reason;
      if (!child.killed) child.kill('SIGINT');
    };
    const watch = (): void => {
      if (limitMs > 0) silence = setTimeout(() => end(NO_PROGRESS), limitMs);
    };
    const read = (name: 'stdout' | 'stderr', chunk: Buffer): void => {
      chunks[name].push(chunk);
      silence?.refresh();
    };
    const abort = (): void => end(ABORTED);
    const release = (): void => {
      clearTimeout(silence);
      clearTimeout(leftOpen);
      signal?.removeEventListener('abort', abort);
    };
    const done = (exitCode: number | null): void => {
      release();
      const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(chunks[name]).toString('utf8');
      resolve({ exitCode, stdout: text('stdout'), stderr: text('stderr'), endedFor });
    };
    const unlessClosed = (exitCode: number | null): void => {
      const count = chunks.stdout.length + chunks.stderr.length;
      const isSilent = (): boolean => count === chunks.stdout.length + chunks.stderr.length;
      // What is there to read is read before the check.
      const check = (): void => void setImmediate(() => (isSilent() ? done(exitCode) : unlessClosed(exitCode)));
      leftOpen = setTimeout(check, LEFT_OPEN_MS);
    };

    child.stdout.on('data', (chunk: Buffer) => read('stdout', chunk));
    child.stderr.on('data', (chunk: Buffer) => read('stderr', chunk));
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('exit', (exitCode) => {
      clearTimeout(silence);
      unlessClosed(exitCode);
    });
    child.once('close', done);
    signal?.addEventListener('abort', abort);
    watch();
  });
}
