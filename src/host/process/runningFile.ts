/** Whether a process runs a file, as its command line shows. Systems other than Linux show none. */
import { readFile } from 'node:fs/promises';
import { ofAllProcesses } from './allProcesses';

/** The pid of a process whose command line names the file; undefined if there is none. */
export async function processRunning(file: string): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const pids = [...(await ofAllProcesses((pid) => pid)).keys()].filter((pid) => pid !== process.pid);
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, words: (await commandLineOf(pid)).split('\0') })));
  return lines.find(({ words }) => words.includes(file))?.pid;
}

/** Empty if the process has ended. */
async function commandLineOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}
