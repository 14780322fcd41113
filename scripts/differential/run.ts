/** Runs one sequence with one executable, and says what came of each step in words that do not depend on ids or times. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Step } from './lines';
import { processesOf, rowsOf, type Rows } from './rows';

/** A program and its first arguments. */
export type Executable = readonly [string, ...string[]];

export interface StepOutcome {
  /** null where the program was ended by a signal, or ran into the limit. */
  readonly code: number | null;
  readonly stdout: string;
  readonly rows: Rows;
}

const STEP_LIMIT_MS = 20_000;
const KEY = /\bid='([a-z0-9]{8}|[a-z0-9]{12}|[0-9a-f-]{36})'/g;
const TIME = /\b1[5-9]\d{8}(?:\d{3})?\b|\b\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?/g;
/** Names of folders of a dispatch, and what is derived from the home folder. */
const RANDOM = /\b[0-9a-f]{32}\b/g;
const PID = /\bpid(":|: *|=)\d+/gi;

export function outcomesOf([program, ...first]: Executable, steps: readonly Step[]): StepOutcome[] {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ic-differential-')));
  const env = environmentOf(folder);
  /** Ids by what they are of, in the order in which they were made. */
  const made = new Map<string, string[]>();
  const filled = (word: string): string =>
    word.replace(/\{(first )?([a-z]+)\}/g, (_, start: string | undefined, name: string) => {
      if (name === 'folder') return folder;
      const ids = made.get(name) ?? [];
      return ids.at(start === undefined ? -1 : 0) ?? 'none0000';
    });
  const names = new Map<string, string>();
  const plain = (text: string): string => {
    let named = text
      .replaceAll(folder, '<folder>')
      .replace(RANDOM, '<random>')
      .replace(TIME, '<time>')
      .replace(PID, 'pid$1<pid>');
    for (const [id, name] of names) named = named.replaceAll(id, name);
    return named;
  };
  try {
    makeFiles(folder);
    return steps.map(({ command, words, input }) => {
      const line = [...first, ...command.split(' '), ...words.map(filled)];
      const { status, stdout } = spawnSync(program, line, {
        cwd: folder,
        env,
        input,
        encoding: 'utf8',
        timeout: STEP_LIMIT_MS,
        killSignal: 'SIGKILL',
      });
      const [, id] = /^(?:\{"id":")?([a-z0-9-]{8,36})(?:"|\n|\t|$)/.exec(stdout) ?? [];
      const of = words.some((word) => word.startsWith('--projects=')) ? 'portfolio' : (command.split(' ').at(-2) ?? '');
      if (status === 0 && id !== undefined) made.set(of, [...(made.get(of) ?? []), id]);
      waitForEnds(folder);
      const rows = rowsOf(folder);
      for (const row of [...rows.values()].flat()) {
        for (const [, key = ''] of row.matchAll(KEY)) if (!names.has(key)) names.set(key, `<id ${names.size + 1}>`);
      }
      return {
        code: status,
        stdout: plain(stdout),
        rows: new Map([...rows].map(([table, texts]) => [table, texts.map(plain)])),
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Agents are stand-ins that end at once; whatever is stored outside of the record is stored in the folder. */
function environmentOf(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
    PWD: folder,
    TZ: 'UTC',
    TMPDIR: folder,
    HOME: folder,
    XDG_STATE_HOME: `${folder}/state`,
    XDG_RUNTIME_DIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

function makeFiles(folder: string): void {
  for (const name of ['a', 'b', 'bin']) mkdirSync(path.join(folder, name));
  const program = { mode: 0o755 };
  for (const name of ['bin/claude', 'bin/codex', 'bin/bd', 'prompt.sh']) {
    writeFileSync(path.join(folder, name), '#!/bin/sh\nexit 0\n', program);
  }
  writeFileSync(path.join(folder, 'payload.json'), '{"a":1}\n');
  writeFileSync(path.join(folder, 'vector'), Buffer.from(Float32Array.of(1, 0.5).buffer));
}

/** An answer about a process must not depend on how far it is. */
function waitForEnds(folder: string): void {
  const until = Date.now() + STEP_LIMIT_MS;
  for (const pid of processesOf(folder)) {
    while (isAlive(pid) && Date.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
