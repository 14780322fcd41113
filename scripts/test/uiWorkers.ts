/** Processes that run UI test files: each runs one at a time and keeps its browser, server and page for the next. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { inProject, inTmp, projectRoot } from '../../tools/project';
import type { Show } from './lanes';

export interface FileRun {
  readonly file: string;
  readonly results: string;
  readonly timeoutMs: number;
  readonly grep?: string;
}

const END = '\u0001end of the file: ';
const idle: ChildProcess[] = [];
let made = 0;

/** Runs one file, and returns the number of its failures. A worker whose file failed is not used again. */
export async function runInWorker(run: FileRun, show: Show): Promise<number> {
  const worker = idle.pop() ?? (await startWorker());
  hold(worker, true);
  const failures = await runIn(worker, run, show);
  if (failures === 0) {
    hold(worker, false);
    idle.push(worker);
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

async function startWorker(): Promise<ChildProcess> {
  made += 1;
  // The window and the `ic` of a test belong to one person, whose decisions about folders are kept there.
  const state = inTmp('state', `ui-${made}`);
  await rm(state, { recursive: true, force: true });
  return fork(inProject('out/test/ui/support/worker.js'), [], {
    cwd: projectRoot(),
    env: { ...process.env, XDG_STATE_HOME: state },
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
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
