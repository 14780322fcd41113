/** Runs a command line of `ic` inside this process, for tables of hundreds of them. */
import { Readable } from 'node:stream';
import { runCli } from '../../../src/cli/run';
import type { IcResult } from './ic';

export interface HereOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called after each part of the output is written. */
  readonly onWritten?: () => void;
}

export async function icHere(
  args: readonly string[],
  { cwd, env, input = '', onWritten }: HereOptions,
): Promise<IcResult> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, {
    streams: {
      writeOut: (text) => {
        out.push(text);
        onWritten?.();
        return Promise.resolve(true);
      },
      writeError: (text) => {
        err.push(text);
      },
    },
    env: { PATH: process.env['PATH'] ?? '', PWD: cwd, ...env },
    physicalCwd: cwd,
    stdin: () => Readable.from([Buffer.from(input)]),
    stopped: new AbortController().signal,
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}
