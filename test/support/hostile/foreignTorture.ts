/**
 * One record that other SQLite programs write too: processes of ours with both adapters, the sqlite3 program in bursts,
 * and Python's sqlite3 with connections that stay open and are killed. Every acknowledged write must be there afterwards.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { databaseLocation } from '../../../src/host/files/paths';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { testDeps } from '../projects';
import { recorded } from '../records/records';
import { OpenSqlite3, sqlite3 } from '../records/sqlite3';
import { WriterProcess, type WriterRuntime } from '../records/writerProcess';

export interface TortureOptions {
  readonly folder: string;
  readonly journalMode: 'DELETE' | 'WAL';
  readonly seconds: number;
  /** The runtime of writers that let SQLite write; undefined leaves them out. */
  readonly native: WriterRuntime | undefined;
  readonly image: WriterRuntime;
}

export interface TortureResult {
  readonly acknowledged: Readonly<Record<string, number>>;
  readonly refused: number;
  /** Acknowledged writes of native writers since other programs write too. */
  readonly nativeBesideOthers: number;
  /** Names of acknowledged writes that are not there. */
  readonly lost: readonly string[];
  readonly integrity: string;
  /** The longest time between two acknowledged writes of a native writer, in ms. */
  readonly longestWaitMs: number;
}

/** A connection that stays open and writes now and then; busy for 20 s at most. */
const PYTHON = `
import sqlite3, sys, time
file, prefix, pause = sys.argv[1], sys.argv[2], float(sys.argv[3])
db = sqlite3.connect(file, timeout=20, isolation_level=None)
n = 0
while True:
    n += 1
    try:
        db.execute("INSERT INTO state (key, scope_id, payload) VALUES ('foreign', ?, '1')", (f"{prefix}-{n}",))
        print(f"{prefix}-{n}", flush=True)
    except sqlite3.OperationalError as error:
        print("refused", error, flush=True)
    time.sleep(pause)
`;

const insert = (name: string): string =>
  `INSERT INTO state (key, scope_id, payload) VALUES ('foreign', '${name}', '1');`;

export async function tortureBesideOthers(options: TortureOptions): Promise<TortureResult> {
  const { folder, journalMode, seconds } = options;
  const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
  await kernel.initialize();
  await kernel.dispose();
  await sqlite3(kernel.path, `PRAGMA journal_mode = ${journalMode}`);
  const { native } = options;
  const names = native === undefined ? [] : ['n1', 'n2'];
  const natives = names.map((name) => new WriterProcess({ folder, name, pauseMs: 5 }, undefined, native));
  // The time counts from when they write, however long a busy machine takes to start them.
  await Promise.all(natives.map((writer) => writer.acknowledges(1)));
  const written = (): number => natives.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  const alone = written();
  const lanes = new Lanes(kernel.path, performance.now() + seconds * 1000);
  const idle = new OpenSqlite3(kernel.path);
  // The others write already, so it may have to wait.
  await idle.run('PRAGMA busy_timeout = 30000; CREATE TEMP TABLE seen AS SELECT count(*) FROM state;');
  await Promise.all([
    ...natives.map((writer, index) => lanes.native(names[index] ?? '', writer)),
    lanes.image(folder, options.image),
    lanes.bursts(),
    lanes.python('steady', 0.05, false),
    lanes.python('killed', 0.01, true),
    delay((seconds * 1000) / 2).then(() => idle.close()),
  ]);
  return { ...(await lanes.result(folder)), nativeBesideOthers: written() - alone };
}

class Lanes {
  private readonly ours = new Map<string, string[]>();
  private readonly foreign = new Map<string, string[]>();
  private refused = 0;
  private longestWaitMs = 0;

  constructor(
    private readonly file: string,
    private readonly deadline: number,
  ) {}

  private get goesOn(): boolean {
    return performance.now() < this.deadline;
  }

  /** Writes without end, in one process. */
  async native(name: string, writer: WriterProcess): Promise<void> {
    let since = performance.now();
    for (let count = writer.acknowledged.length + 1; this.goesOn; count++) {
      await Promise.race([writer.acknowledges(count), delay(Math.max(0, this.deadline - performance.now()))]);
      this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - since);
      since = performance.now();
      assert.equal(writer.failure, undefined);
    }
    await writer.kill();
    this.ours.set(name, writer.acknowledged);
  }

  /** Processes of three writes each, as calls of `ic` are; they may be refused. */
  async image(folder: string, runtime: WriterRuntime): Promise<void> {
    for (let call = 0; this.goesOn; call++) {
      const task = { folder, name: `i${call}`, count: 3, busyTimeoutMs: 1000 };
      const writer = new WriterProcess(task, undefined, runtime);
      await writer.ended;
      if (writer.failure !== undefined) this.refused += 1;
      add(this.ours, 'image', writer.acknowledged);
    }
  }

  /** The sqlite3 program, five processes at a time. */
  async bursts(): Promise<void> {
    for (let burst = 0; this.goesOn; burst++) {
      const names = Array.from({ length: 5 }, (_, n) => `b${burst}-${n}`);
      const done = await Promise.allSettled(
        names.map((name) =>
          promisify(execFile)('sqlite3', ['-bail', '-cmd', '.timeout 20000', this.file, insert(name)]),
        ),
      );
      add(
        this.foreign,
        'sqlite3',
        names.filter((_, n) => done[n]?.status === 'fulfilled'),
      );
      await delay(Math.random() * 200);
    }
  }

  async python(name: string, pause: number, isKilled: boolean): Promise<void> {
    for (let life = 0; this.goesOn; life++) {
      const child = spawn('python3', ['-c', PYTHON, this.file, `${name}${life}`, String(pause)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const acknowledged: string[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('refused')) acknowledged.push(line);
      });
      const left = this.deadline - performance.now();
      await delay(isKilled ? Math.min(left, 300 + Math.random() * 2000) : left);
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
      add(this.foreign, name, acknowledged);
    }
  }

  async result(folder: string): Promise<Omit<TortureResult, 'nativeBesideOthers'>> {
    const integrity = await sqlite3(this.file, 'PRAGMA integrity_check;').catch((error: unknown) => String(error));
    const rows = await sqlite3(this.file, "SELECT scope_id FROM state WHERE key IN ('foreign', 'test.record');").catch(
      () => '',
    );
    const there = new Set(rows.split('\n'));
    const all = [...this.ours, ...this.foreign];
    const lost = all.flatMap(([, names]) => names).filter((name) => !there.has(name));
    if (lost.length === 0 && integrity === 'ok') {
      const reader = new ProjectKernel(databaseLocation(folder), testDeps());
      await reader.load();
      reader.read(recorded);
      await reader.dispose();
    }
    return {
      acknowledged: Object.fromEntries(all.map(([name, names]) => [name, names.length])),
      refused: this.refused,
      lost,
      integrity,
      longestWaitMs: Math.round(this.longestWaitMs),
    };
  }
}

function add(to: Map<string, string[]>, name: string, names: readonly string[]): void {
  to.set(name, [...(to.get(name) ?? []), ...names]);
}
