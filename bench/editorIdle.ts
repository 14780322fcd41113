/** Memory and idle CPU of the extension host of a real window. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Workbench } from '../test/ui/support/workbench';

export interface IdleHost {
  readonly rssMb: number;
  /** Percent of one processor. */
  readonly cpuPercent: number;
}

/** Start-up has calmed down by then. */
const SETTLE_MS = 15_000;
const IDLE_MS = 30_000;
const PATIENCE_MS = 60_000;
/** The unit that Linux shows to programs, on every architecture. */
const TICKS_PER_SECOND = 100;

/** Opens a window on the project with the view shown and reads its extension host several times; Linux only. */
export async function readIdleHosts(staged: string, project: string, repeats: number): Promise<IdleHost[]> {
  if (process.platform !== 'linux') return [];
  const opens = { kind: 'folder', path: project } as const;
  const workbench = await Workbench.open({ opens, extensions: [staged], builtins: 'lean' });
  workbench.page.setDefaultTimeout(PATIENCE_MS);
  try {
    await workbench.openContainer('Intercore');
    const pid = await hostOf(workbench.session.server.logFile);
    await delay(SETTLE_MS);
    const readings: IdleHost[] = [];
    for (let n = 0; n < repeats; n++) readings.push(await readIdle(pid));
    return readings;
  } finally {
    await workbench.close();
  }
}

/** The server's log names each extension host it launches; the last is the window's. */
async function hostOf(logFile: string): Promise<number> {
  const launches = [...(await readFile(logFile, 'utf8')).matchAll(/<(\d+)> Launched Extension Host/g)];
  const pid = Number(launches.at(-1)?.[1]);
  if (Number.isNaN(pid)) throw new Error(`No extension host is named in ${logFile}.`);
  return pid;
}

async function readIdle(pid: number): Promise<IdleHost> {
  const [started, before] = [performance.now(), await cpuSeconds(pid)];
  await delay(IDLE_MS);
  const used = (await cpuSeconds(pid)) - before;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return { rssMb: (rssKb * 1024) / 1e6, cpuPercent: (used * 100_000) / (performance.now() - started) };
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
