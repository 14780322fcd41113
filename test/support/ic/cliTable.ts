/**
 * Rows of command lines with what must come of them, run one after another in one project. One command of
 * each noun runs as a real process, all other rows in this process; all rows are processes in the long run.
 */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as z from 'zod';
import { ic, type IcOptions, type IcResult } from './ic';
import { icBrief } from './icBrief';

export interface Row {
  /** Words separated by spaces; `{name}` stands for what an earlier row kept. */
  readonly line: string;
  /** 0 where absent. */
  readonly code?: 0 | 1 | 2 | 3;
  readonly out?: string | RegExp;
  /** Of what is printed as JSON. */
  readonly json?: z.ZodType;
  readonly err?: RegExp;
  readonly input?: string;
  /** Keeps the last word of the output's first line, or of line `keepLine`, under this name. */
  readonly keep?: string;
  readonly keepLine?: number;
  /** Filled like `line`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is run, filled like `line`; the project where absent. */
  readonly cwd?: string;
}

/** Words for the places of rows, beside `folder`, the project, and `path`, the PATH of this process. */
export type Names = Readonly<Record<string, string>>;

/** Fills the folder of the project before the first row; gives what rows may name. */
export type Prepare = (folder: string) => Promise<Names>;

/** Runs the rows in a new project; every row is checked before the next runs. */
export async function runRows(rows: readonly Row[], prepare: Prepare): Promise<void> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-table-')));
  const env = { XDG_STATE_HOME: path.join(folder, 'state'), TMPDIR: folder };
  const kept = new Map<string, string>([
    ['folder', folder],
    ['path', process.env['PATH'] ?? ''],
    ['unique', path.basename(folder)],
  ]);
  try {
    for (const [name, word] of Object.entries(await prepare(folder))) kept.set(name, word);
    for (const row of [{ line: 'init' }, ...rows]) {
      const words = row.line.split(' ').map((word) => fill(word, kept));
      const own = Object.entries(row.env ?? {}).map(([name, value]) => [name, fill(value, kept)] as const);
      const cwd = fill(row.cwd ?? folder, kept);
      const options = { cwd, env: { ...env, ...Object.fromEntries(own) }, input: row.input ?? '' };
      const result = await runRow(words, options);
      check(row, result);
      if (row.keep !== undefined) kept.set(row.keep, lastWord(result.stdout, row.keepLine ?? 0));
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const ranAsProcess = new Set<string>();

function runRow(words: readonly string[], options: IcOptions): Promise<IcResult> {
  const [noun = ''] = words;
  const isKnown = ranAsProcess.has(noun);
  ranAsProcess.add(noun);
  return isKnown ? icBrief(words, options) : ic(words, options);
}

function lastWord(text: string, line: number): string {
  return text.split('\n')[line]?.split(' ').at(-1) ?? '';
}

function fill(word: string, kept: ReadonlyMap<string, string>): string {
  return word.replace(/\{(\w+)\}/g, (place, name: string) => kept.get(name) ?? place);
}

function check(row: Row, result: IcResult): void {
  const output = `ic ${row.line}\n${JSON.stringify(result)}`;
  assert.equal(result.code, row.code ?? 0, output);
  if (row.out instanceof RegExp) assert.match(result.stdout, row.out, output);
  else if (row.out !== undefined) assert.equal(result.stdout, row.out, output);
  if (row.json !== undefined) assert.doesNotThrow(() => row.json?.parse(JSON.parse(result.stdout)), output);
  if (row.err !== undefined) assert.match(result.stderr, row.err, output);
}
