/** Whether a process runs a file, as its command line shows. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { ofAllProcesses } from './system/allProcesses';
import { commandLines } from './system/systemTools';

/** The pid of a process whose command line names the file; undefined if there is none, or none can be seen. */
export async function processRunning(
  file: string,
  platform: NodeJS.Platform = process.platform,
): Promise<number | undefined> {
  const named = platform === 'linux' ? await ofLinux(file) : pidNaming(file, await commandLines(platform), platform);
  return named.find((pid) => pid !== process.pid);
}

/** Only Linux separates the arguments. */
async function ofLinux(file: string): Promise<number[]> {
  const pids = [...(await ofAllProcesses((pid) => pid)).keys()];
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, words: (await commandLineOf(pid)).split('\0') })));
  return lines.filter(({ words }) => words.includes(file)).map(({ pid }) => pid);
}

/** Empty if the process has ended. */
async function commandLineOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

interface Line {
  readonly pid: number;
  readonly text: string;
}

/** The pids of those whose command line names the file, from what the system's tool printed. */
export function pidNaming(file: string, printed: string, platform: NodeJS.Platform): number[] {
  const isWindows = platform === 'win32';
  const lines = isWindows ? windowsLines(printed) : posixLines(printed);
  const spelled = isWindows ? windowsSpelling : (text: string) => text;
  return lines.filter(({ text }) => names(spelled(text), spelled(file))).map(({ pid }) => pid);
}

function posixLines(printed: string): Line[] {
  return printed.split('\n').flatMap((line) => {
    const [, pid, text] = /^\s*(\d+)\s(.*)$/.exec(line) ?? [];
    return pid === undefined || text === undefined ? [] : [{ pid: Number(pid), text }];
  });
}

/** The command lines of other users are null. */
const windowsProcesses = z.array(z.object({ ProcessId: z.number(), CommandLine: z.string().nullable() }));

function windowsLines(printed: string): Line[] {
  let json: unknown;
  try {
    json = JSON.parse(printed.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  const processes = windowsProcesses.safeParse(json).data ?? [];
  return processes.map(({ ProcessId, CommandLine }) => ({ pid: ProcessId, text: CommandLine ?? '' }));
}

function windowsSpelling(text: string): string {
  return text.replaceAll('/', '\\').toLowerCase();
}

/** Arguments are joined by spaces and may hold some, so the file counts where it is whole. */
function names(text: string, file: string): boolean {
  for (let at = text.indexOf(file); at >= 0; at = text.indexOf(file, at + 1)) {
    const [before, after] = [text.charAt(at - 1), text.charAt(at + file.length)];
    if (/^[\s"']?$/.test(before) && /^[\s"']?$/.test(after)) return true;
  }
  return false;
}
