/** Rows of command lines with what must come of them, run one after another by the real `ic` in one project. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ic, type IcResult } from './ic';

export interface Row {
  /** Words separated by spaces; `{name}` stands for what an earlier row kept. */
  readonly line: string;
  /** 0 where absent. */
  readonly code?: 0 | 1 | 2 | 3;
  readonly out?: string | RegExp;
  readonly err?: RegExp;
  readonly input?: string;
  /** Keeps the last word of the output's first line, or of line `keepLine`, under this name. */
  readonly keep?: string;
  readonly keepLine?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the rows in a new project; every row is checked before the next runs. */
export async function runRows(rows: readonly Row[], prepare?: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-table-')));
  const env = { XDG_STATE_HOME: path.join(folder, 'state'), TMPDIR: folder };
  const kept = new Map<string, string>([['unique', path.basename(folder)]]);
  try {
    await prepare?.(folder);
    for (const row of [{ line: 'init' }, ...rows]) {
      const words = row.line.split(' ').map((word) => fill(word, kept));
      const result = await ic(words, { cwd: folder, env: { ...env, ...row.env }, input: row.input ?? '' });
      check(row, result);
      if (row.keep !== undefined) kept.set(row.keep, lastWord(result.stdout, row.keepLine ?? 0));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lastWord(text: string, line: number): string {
  return text.split('\n')[line]?.split(' ').at(-1) ?? '';
}

function fill(word: string, kept: ReadonlyMap<string, string>): string {
  return word.replace(/\{(\w+)\}/g, (place, name: string) => kept.get(name) ?? place);
}

function check(row: Row, result: IcResult): void {
  const told = `ic ${row.line}\n${JSON.stringify(result)}`;
  assert.equal(result.code, row.code ?? 0, told);
  if (row.out instanceof RegExp) assert.match(result.stdout, row.out, told);
  else if (row.out !== undefined) assert.equal(result.stdout, row.out, told);
  if (row.err !== undefined) assert.match(result.stderr, row.err, told);
}
