/** Processes that run test files: each runs one part at a time and keeps what it has loaded, and its window, for the next. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { inProject, inTmp, projectRoot } from '../../tools/project';
import type { Show } from './lanes';

export interface FileRun {
  readonly files: readonly string[];
  readonly results: string;
  readonly timeoutMs: number;
  readonly grep?: string;
}

/** Workers of one kind are interchangeable. */
export interface WorkerKind {
  /** Where workers differ, so do their names. */
  readonly name: string;
  /** Compiled, below the project. */
  readonly program: string;
  readonly node?: string;
  readonly options: readonly string[];
  /**
   * Windows come first, as a person's hands wait for no one; other tests have what is left of the cores. The window and
   * the `ic` of a test belong to one person, who has a folder for decisions about folders in each worker.
   */
  readonly opensWindows: boolean;
}

/** The niceness of a program that yields: a quarter of a core while another wants it, and all of it otherwise. */
const YIELDING = 5;
const END = '\u0001end of the files: ';
const idle = new Map<string, ChildProcess[]>();
let made = 0;

/** Runs the files of one part, and returns the number of failures. A worker in which something failed is not used again. */
export async function runInWorker(kind: WorkerKind, run: FileRun, show: Show): Promise<number> {
  const free = idle.get(kind.name) ?? [];
  idle.set(kind.name, free);
  const worker = free.pop() ?? (await startWorker(kind));
  hold(worker, true);
  const failures = await runIn(worker, run, show);
  if (failures === 0) {
    hold(worker, false);
    free.push(worker);
  } else if (worker.connected) worker.disconnect();
  return failures;
}

/** Whether this process stays for it. One that is idle ends with this process. */
function hold(worker: ChildProcess, isHeld: boolean): void {
  for (const handle of [worker, worker.channel, worker.stdout, worker.stderr]) {
    if (handle === null || handle === undefined) continue;
    if (isHeld && 'ref' in handle && typeof handle.ref === 'function') handle.ref();
    if (!isHeld && 'unref' in handle && typeof handle.unref === 'function') handle.unref();
  }
}

async function startWorker({
  name,
  program,
  node = process.execPath,
  options,
  opensWindows,
}: WorkerKind): Promise<ChildProcess> {
  const own = opensWindows ? { XDG_STATE_HOME: await newState(name) } : {};
  const worker = fork(inProject(program), [], {
    cwd: projectRoot(),
    env: { ...process.env, ...own },
    execPath: node,
    execArgv: [...options],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (!opensWindows && worker.pid !== undefined) setPriority(worker.pid, YIELDING);
  return worker;
}

async function newState(name: string): Promise<string> {
  made += 1;
  const state = inTmp('state', `${name}-${made}`);
  await rm(state, { recursive: true, force: true });
  return state;
}

async function runIn(worker: ChildProcess, run: FileRun, show: Show): Promise<number> {
  const ended = new AbortController();
  const { signal } = ended;
  const exit = once(worker, 'exit', { signal }).then(() => 1);
  const failures = new Promise<number>((resolve) => {
    let rest = '';
    const read = (text: string): void => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith(END)) resolve(Number(line.slice(END.length)));
        else show(`${line}\n`);
      }
    };
    worker.stdout?.setEncoding('utf8').on('data', read);
    worker.stderr?.setEncoding('utf8').on('data', show);
    signal.addEventListener('abort', () => {
      worker.stdout?.off('data', read);
      worker.stderr?.off('data', show);
    });
  });
  const reporter = inProject('out/test/support/vscode/reporter.js');
  worker.send({ ...run, reporter, end: END, ...(process.stdout.isTTY ? { color: true } : {}) });
  try {
    return await Promise.race([failures, exit]);
  } finally {
    exit.catch(() => undefined);
    ended.abort();
  }
}
