/** The `bd` of a test: the stand-in in both its dialects, and the real one where this machine has it. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { IS_LONG } from '../long';

export type Flavour = '0.49' | '1.x' | 'envelope' | 'real';

export const STAND_INS: readonly Flavour[] = ['0.49', '1.x', 'envelope'];

/** What a test of whole tasks runs in, out of these: in each only in the long run, for every call has a test of its own. */
export const forWholeTasks = (dialects: readonly Flavour[]): readonly Flavour[] => [
  ...dialects.filter((dialect) => IS_LONG || dialect === '1.x'),
  'real',
];

/** Where a real `bd` is searched for: `BD` names it, else the cache of this project or PATH has it. */
export function realBd(): string | undefined {
  const named = process.env['BD'] ?? path.resolve(__dirname, '../../../../.cache/beads/bd');
  for (const program of [named, 'bd']) {
    try {
      execFileSync(program, ['version', '--json'], { stdio: 'pipe', env: { ...process.env, BEADS_NO_DAEMON: 'true' } });
      return program;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** A program `bd` in `folder`, of the given flavour. `more` are variables that it is to see. */
export async function bdIn(
  folder: string,
  flavour: Exclude<Flavour, 'real'>,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'bd');
  const set = Object.entries({ ...more, FAKE_BD: flavour }).map(([name, value]) => `${name}='${value}' `);
  const program = path.resolve(__dirname, 'bd.js');
  await writeFile(file, `#!/bin/sh\n${set.join('')}exec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(file, 0o755);
  return file;
}

/** The argument lists of all calls of a stand-in. */
export async function callsOf(home: string): Promise<{ argv: string[]; cwd: string }[]> {
  const lines = (await readFile(path.join(home, 'calls.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { argv: string[]; cwd: string });
}
