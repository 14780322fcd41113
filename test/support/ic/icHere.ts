/** Runs a command line of `ic` inside this process, for tables of hundreds of them. */
import { writeSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import type { Streams } from '../../../src/cli/output/output';
import { processStreams } from '../../../src/cli/output/streams';
import { runCli } from '../../../src/cli/run';
import type { IcResult } from './ic';

export interface HereOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called after each part of the output is written. */
  readonly onWritten?: () => void;
}

export async function icHere(args: readonly string[], options: HereOptions): Promise<IcResult> {
  const [out, err]: [string[], string[]] = [[], []];
  const streams = {
    writeOut: (text: string) => {
      out.push(text);
      options.onWritten?.();
      return Promise.resolve(true);
    },
    writeError: (text: string) => {
      err.push(text);
    },
  };
  const code = await runHere(args, options, { streams, stopped: new AbortController().signal });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

/** Where an output goes: into the result, or to a file that the caller has open. */
export type Target = 'pipe' | number;

/** Like `icHere`, with the streams of a process: writes to files fail as those of a process do. */
export async function icHereInto(
  args: readonly string[],
  options: HereOptions,
  { out, err }: { readonly out: Target; readonly err: Target },
): Promise<IcResult> {
  const text: { stdout: string[]; stderr: string[] } = { stdout: [], stderr: [] };
  const stop = new AbortController();
  const stopNow = (): void => {
    stop.abort();
  };
  const [stdout, stderr] = [streamTo(out, text.stdout), streamTo(err, text.stderr)];
  const streams = processStreams(stopNow, { stdout, stderr });
  const code = await runHere(args, options, { streams, stopped: stop.signal });
  return { code, stdout: text.stdout.join(''), stderr: text.stderr.join('') };
}

/** Stays open after a failed write, as the streams of a process do. */
function streamTo(target: Target, kept: string[]): Writable {
  return new Writable({
    autoDestroy: false,
    decodeStrings: true,
    write: (chunk: Buffer, _encoding, done) => {
      try {
        if (target === 'pipe') kept.push(chunk.toString('utf8'));
        else writeSync(target, chunk);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}

function runHere(
  args: readonly string[],
  { cwd, env, input = '' }: HereOptions,
  ends: { readonly streams: Streams; readonly stopped: AbortSignal },
): Promise<number> {
  return runCli(args, {
    ...ends,
    env: { PATH: process.env['PATH'] ?? '', PWD: cwd, ...env },
    physicalCwd: cwd,
    stdin: () => Readable.from([Buffer.from(input)]),
  });
}
