/**
 * Finds and ends programs that git has started for one call, such as ssh or a signer. Loaded with the first failure.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { groupOf, identify, isRunning, variableOfAll, type ProcessIdentity } from './processIdentity';
import { signal, waitUntil } from './signals';

/** After SIGTERM. */
const GRACE_MS = 1000;

/**
 * Ends processes that a call of git, marked by the variable, left running in our own process group, and returns the
 * names of these programs, in the order of their start. A daemon that a helper started, such as the agent of GnuPG, has
 * its own group and is kept.
 */
export async function endHelpers(variable: string, call: string): Promise<string[]> {
  const [calls, own] = await Promise.all([variableOfAll(variable), groupOf(process.pid)]);
  const marked = [...calls].flatMap(([pid, value]) => (value === call ? [pid] : [])).toSorted((a, b) => a - b);
  const found = await Promise.all(
    marked.map(async (pid) => ({
      one: await identify(pid),
      group: await groupOf(pid),
      program: await programOf(pid),
    })),
  );
  const helpers = found.filter(({ group }) => group !== undefined && group === own);
  const running = async (): Promise<ProcessIdentity[]> => {
    const states = await Promise.all(helpers.map(async ({ one }) => ((await isRunning(one)) ? [one] : [])));
    return states.flat();
  };
  for (const { pid } of await running()) signal(pid, 'SIGTERM');
  if (!(await waitUntil(async () => (await running()).length === 0, GRACE_MS)))
    for (const { pid } of await running()) signal(pid, 'SIGKILL');
  return helpers.flatMap(({ program }) => program ?? []);
}

/** The name of the script or program that a process runs; undefined if the system does not show it. */
async function programOf(pid: number): Promise<string | undefined> {
  const [command = '', name = ''] = await Promise.all(
    ['cmdline', 'comm'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  );
  const names = command.split('\0', 2).map((word) => path.basename(word));
  // The system truncates the name, and uses the file name of a script.
  const found = names.find((word) => word !== '' && word.startsWith(name.trim())) ?? name.trim();
  return found === '' ? undefined : found;
}
