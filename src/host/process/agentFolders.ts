/** The current folders of agents' processes, as reported by Linux. Other systems report none. */
import { readlink } from 'node:fs/promises';
import { fileKey, placesAround, seen } from '../files/pathIdentity';
import { MARK_VARIABLE, variableOfAll } from './processIdentity';

export interface AgentFolder {
  readonly pid: number;
  /** A real path. */
  readonly folder: string;
}

/** The current folders of all processes with our mark: agents, and processes that they started. */
export async function agentFolders(): Promise<AgentFolder[]> {
  const marks = await variableOfAll(MARK_VARIABLE);
  const found = await Promise.all(
    [...marks.keys()].map(async (pid) => ({ pid, folder: await seen(readlink(`/proc/${pid}/cwd`)) })),
  );
  return found.flatMap(({ pid, folder }) => (folder === undefined ? [] : [{ pid, folder }]));
}

/** A process of an agent that is in a folder or below it now, for people; undefined if there is none. */
export async function agentIn(folder: string): Promise<string | undefined> {
  const wanted = await fileKey(folder);
  for (const agent of await agentFolders()) {
    if ((await placesAround(agent.folder)).has(wanted)) return `process ${agent.pid}`;
  }
  return undefined;
}
