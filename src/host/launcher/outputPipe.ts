/**
 * The pipe between an agent and its launcher. Both of the agent's streams share one named pipe, so their lines keep
 * their order, and a script can open `/dev/stderr`, which it cannot where a stream is a socket, as Node's own pipes
 * are. The launcher's; it imports nothing but Node.
 */
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { ChildProcess } from '../process/startProcess';
import { makeNamedPipe } from '../process/system/systemTools';

export class OutputPipe {
  /** Resolves when every process that held the pipe has closed it. */
  readonly ended: Promise<void>;
  private readonly end: () => void;
  private streams: readonly Readable[] = [];

  private constructor(
    private readonly ends: { readonly read: number; readonly write: number } | undefined,
    private readonly onBytes: (bytes: Buffer) => void,
  ) {
    let end: () => void = () => undefined;
    this.ended = new Promise((resolve) => (end = resolve));
    this.end = end;
  }

  static open(onBytes: (bytes: Buffer) => void): OutputPipe {
    return new OutputPipe(openNamedPipe(), onBytes);
  }

  /** The agent's standard output and error. */
  get stdio(): readonly [number | 'pipe', number | 'pipe'] {
    const write = this.ends?.write ?? 'pipe';
    return [write, write];
  }

  /** The agent has the pipe, or will not be started. */
  connect(agent: ChildProcess): void {
    if (this.ends === undefined) {
      this.streams = [agent.stdout, agent.stderr].filter((stream) => stream !== null);
    } else {
      closeSync(this.ends.write);
      this.streams = [new Socket({ fd: this.ends.read, readable: true, writable: false })];
    }
    let open = this.streams.length;
    for (const stream of this.streams) {
      stream.on('data', this.onBytes);
      // A broken stream has no more data.
      stream.on('error', () => undefined);
      stream.once('close', () => {
        open -= 1;
        if (open === 0) this.end();
      });
    }
    if (open === 0) this.end();
  }

  /** Stops reading, even if other processes still hold the pipe. */
  close(): void {
    for (const stream of this.streams) stream.destroy();
  }
}

/** Undefined where the system has no named pipes. The pipe has no name when this returns. */
function openNamedPipe(): { readonly read: number; readonly write: number } | undefined {
  if (process.platform === 'win32') return undefined;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'agent-'));
  try {
    const name = path.join(folder, 'output');
    makeNamedPipe(name);
    const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    return { read, write: openSync(name, constants.O_WRONLY) };
  } catch {
    // Without `mkfifo` the agent gets Node's own pipes.
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
