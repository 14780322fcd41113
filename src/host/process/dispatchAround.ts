/**
 * The dispatch that this process belongs to: from its own environment or, if an agent has removed the variable, from
 * that of a parent process. An agent without a sandbox can leave its process tree, so this is evidence, not a barrier.
 */
import { readFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

export const DISPATCH_VARIABLE = 'INTERCORE_DISPATCH_ID';
/** More than any normal process tree has. */
const MAX_ANCESTORS = 64;

/** @param pid the process to start at */
export function dispatchAround(env: Environment, pid: number = process.ppid): string | undefined {
  const own = env[DISPATCH_VARIABLE];
  if (own !== undefined && own !== '') return own;
  if (process.platform !== 'linux') return undefined;
  let ancestor: number | undefined = pid;
  for (let steps = 0; ancestor !== undefined && ancestor > 1 && steps < MAX_ANCESTORS; steps += 1) {
    const found = variableOf(ancestor);
    if (found !== undefined) return found;
    ancestor = parentOf(ancestor);
  }
  return undefined;
}

/** Undefined for processes of another user, too: their environment cannot be read. */
function variableOf(pid: number): string | undefined {
  const prefix = `${DISPATCH_VARIABLE}=`;
  const entry = textOf(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((candidate) => candidate.startsWith(prefix));
  return entry === undefined || entry === prefix ? undefined : entry.slice(prefix.length);
}

function parentOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended, or belongs to another user.
    return undefined;
  }
}
