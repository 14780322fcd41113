/** Runs the real `ic` script, as a shell would. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';

export interface IcResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface IcOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Compiled tests are in out/test/support, three folders below the project. */
export const IC_SCRIPT = path.resolve(__dirname, '../../../../dist/ic.js');

/** Resolves with whatever came of it; rejects only when Node itself cannot be started. */
export function ic(args: readonly string[], options: IcOptions): Promise<IcResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [IC_SCRIPT, ...args], {
      cwd: options.cwd,
      env: { PATH: process.env['PATH'] ?? '', PWD: options.cwd, TZ: 'UTC', ...state(), ...options.env },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a line that must succeed, and gives what it printed, without space around it. */
export async function icOk(args: readonly string[], options: IcOptions): Promise<string> {
  const { code, stdout, stderr } = await ic(args, options);
  assert.equal(code, 0, `ic ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Where the person of this test run keeps decisions about folders, which a window of the test reads too. */
function state(): Record<string, string> {
  const folder = process.env['XDG_STATE_HOME'];
  return folder === undefined ? {} : { XDG_STATE_HOME: folder };
}
