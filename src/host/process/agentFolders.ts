/** In which folders processes of agents are now, as Linux reports it. Other systems report nothing. */
import { readlink } from 'node:fs/promises';
import { fileKey, placesAround, seen } from '../files/pathIdentity';
import { MARK_VARIABLE, variableOfAll } from './processIdentity';

export interface AgentFolder {
  readonly pid: number;
  /** A real path. */
  readonly folder: string;
}

/** The current folders of all processes that have a mark of ours: agents, and what they have started. */
export async function agentFolders(): Promise<AgentFolder[]> {
  const marks = await variableOfAll(MARK_VARIABLE);
  const found = await Promise.all(
    [...marks.keys()].map(async (pid) => ({ pid, folder: await seen(readlink(`/proc/${pid}/cwd`)) })),
  );
  return found.flatMap(({ pid, folder }) => (folder === undefined ? [] : [{ pid, folder }]));
}

/** A process of an agent that is in a folder or below it now, for people; undefined where there is none. */
export async function agentIn(folder: string): Promise<string | undefined> {
  const wanted = await fileKey(folder);
  for (const agent of await agentFolders()) {
    if ((await placesAround(agent.folder)).has(wanted)) return `process ${agent.pid}`;
  }
  return undefined;
}
