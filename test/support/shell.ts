/** Real shells, with the wrappers of `bin/lib-intercore.sh` sourced where a test wants them. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { IC_SCRIPT } from './ic/ic';
import { inProject } from '../../tools/project';

export const LIBRARY = inProject('bin/lib-intercore.sh');

export interface ShellOutcome {
  readonly code: number;
  readonly out: string;
}

/** Runs a program; only failing to start it is an error. */
export function execute(program: string, args: readonly string[], options: object = {}): Promise<ShellOutcome> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'utf8', ...options }, (error, stdout) => {
      if (error !== null && typeof error.code !== 'number') reject(new Error(error.message, { cause: error }));
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout });
    });
  });
}

/** Runs a script that sources the library; `ic` is found in `binaries` or nowhere. */
export function shell(program: string, script: string, cwd: string, binaries: string): Promise<ShellOutcome> {
  const env = { PATH: `${binaries}:/usr/bin:/bin`, PWD: cwd, HOME: cwd, TZ: 'UTC' };
  return execute(program, ['-c', `. '${LIBRARY}'\n${script}`], { cwd, env });
}

export async function isInstalled(program: string): Promise<boolean> {
  return (await execute('sh', ['-c', `command -v ${program}`])).code === 0;
}

/** A folder for PATH that holds the real `ic`. */
export async function folderWithIc(folder: string): Promise<string> {
  await mkdir(folder);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${IC_SCRIPT}' "$@"\n`;
  await writeFile(path.join(folder, 'ic'), script, { mode: 0o755 });
  return folder;
}
