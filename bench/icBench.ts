/**
 * What a call of `ic` costs, against a bare Node and the sqlite3 program doing the same
 * (`docs/design/architecture.md#bars`).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { machineNoise } from './machine';
import { percentile } from './statistics';
import { inProject } from '../tools/project';

/** Subjects take turns, so many that the noise of the machine shows. */
const ROUNDS = 40;
const IC = inProject('dist/ic.js');

interface Subject {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** The sqlite3 program doing the same. */
  readonly native?: string;
}

/** Milliseconds of each subject's calls; they take turns, so that noise meets all alike. */
function measure(cwd: string, subjects: readonly Subject[]): Map<string, number[]> {
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, command } of subjects) {
      const [program, ...args] = command;
      const start = performance.now();
      const { status, stderr } = spawnSync(program, args, { cwd, env: { ...process.env, PWD: cwd } });
      if (status !== 0) throw new Error(`${name}: ${status ?? 'killed'} ${stderr.toString()}`);
      times.get(name)?.push(performance.now() - start);
    }
  }
  return times;
}

const median = (values: readonly number[]): number => percentile(values, 50);

/** How many times as long as the bare Node of the same turn: the median with the tenth and the ninetieth percentile. */
function ratioTo(bare: readonly number[], values: readonly number[]): string {
  const ratios = values.map((value, round) => value / (bare[round] ?? NaN));
  const [low, mid, high] = [10, 50, 90].map((percent) => percentile(ratios, percent).toFixed(2));
  return `${mid?.padStart(6)} (${low}–${high}) × node -e 0`;
}

function ic(cwd: string, ...args: string[]): string {
  return execFileSync(process.execPath, [IC, ...args], { cwd, env: { ...process.env, PWD: cwd } })
    .toString()
    .trim();
}

/** A project whose database has about `megabytes`, and a run that can be advanced without end. */
function project(base: string, megabytes: number): { cwd: string; run: string } {
  const cwd = mkdtempSync(path.join(base, 'project-'));
  ic(cwd, 'init');
  const chain = JSON.stringify(Array.from({ length: 500 }, (_, i) => `p${i}`));
  const run = ic(cwd, 'run', 'create', '--goal=bench', `--phases=${chain}`);
  for (let i = 0; i < megabytes; i++) {
    const file = path.join(cwd, 'fill.json');
    writeFileSync(file, JSON.stringify(Array.from({ length: 10 }, () => 'x'.repeat(100_000))));
    ic(cwd, 'state', 'set', 'fill', String(i), '@fill.json');
  }
  return { cwd, run };
}

function subjectsOf(cwd: string, run: string, size: string): Subject[] {
  const db = path.join(cwd, '.clavain/intercore.db');
  const script = (...args: string[]): Subject['command'] => [process.execPath, IC, ...args];
  const insert = `INSERT INTO run_artifacts (id, run_id, phase, path) VALUES (hex(randomblob(8)), '${run}', 'p0', 'a')`;
  const current = `SELECT id FROM runs WHERE status = 'active' AND project_dir = '${cwd}' ORDER BY created_at DESC LIMIT 1`;
  const [select, change] = [`sqlite3 select, ${size}`, `sqlite3 insert, ${size}`];
  const add = script('run', 'artifact', 'add', run, '--phase=p0', '--path=a');
  return [
    { name: `ic run current, ${size}`, command: script('run', 'current'), native: select },
    { name: `ic run advance, ${size}`, command: script('run', 'advance', run), native: change },
    { name: `ic run artifact add, ${size}`, command: add, native: change },
    { name: select, command: ['sqlite3', db, current] },
    { name: change, command: ['sqlite3', db, insert] },
  ];
}

export function measureIc(): void {
  const base = mkdtempSync(path.join(tmpdir(), 'ic-bench-'));
  try {
    console.log(`A call of ic, ${ROUNDS} in turns (bar of reading: 1.6 × node -e 0); ${machineNoise()}`);
    // To read these certificates may take half of the time of a bare Node.
    const certificates = process.env['NODE_EXTRA_CA_CERTS'];
    if (certificates !== undefined)
      console.log(`with NODE_EXTRA_CA_CERTS=${certificates}, which each Node reads as it starts`);
    const bare: Subject = { name: 'node -e 0', command: [process.execPath, '-e', '0'] };
    const hasSqlite = spawnSync('sqlite3', ['--version']).status === 0;
    for (const megabytes of [1, 10]) {
      const { cwd, run } = project(base, megabytes);
      const subjects = subjectsOf(cwd, run, `${megabytes} MB`).filter(
        ({ command }) => hasSqlite || command[0] !== 'sqlite3',
      );
      const times = measure(cwd, [bare, ...subjects]);
      const bareMs = times.get(bare.name) ?? [];
      for (const { name, native } of [bare, ...subjects]) {
        const values = times.get(name) ?? [];
        const [mid, low, high] = [median(values), Math.min(...values), Math.max(...values)];
        const same = native === undefined ? undefined : times.get(native);
        const ratios = [
          ratioTo(bareMs, values),
          ...(same === undefined ? [] : [`${(mid / median(same)).toFixed(1).padStart(6)} × sqlite3`]),
        ];
        const range = `(${low.toFixed(0)} to ${high.toFixed(0)} ms)`;
        console.log(`${name.padEnd(30)}${mid.toFixed(0).padStart(6)} ms ${ratios.join('')}   ${range}`);
      }
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

if (require.main === module) measureIc();
