/** `ic lead status`: who leads which folder. It opens no record and starts nothing. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { databasePath } from '../../host/files/paths';
import { machineName } from '../../host/process/processIdentity';
import { KernelError } from '../../kernel/errors/errors';
import { nearest } from '../mcp/servedFolders';
import { leaderOf, type Leader } from '../../services/tasks/leader';

export interface FolderLeader {
  readonly folder: string;
  /** Undefined if no program leads. */
  readonly leader: Leader | undefined;
}

/**
 * Of the folders named, else of the one that a leader started here would lead.
 * @throws KernelError `FOLDER_MISSING`: of a folder that is not there nothing is known
 */
export async function leadersOf(named: readonly string[], cwd: string): Promise<FolderLeader[]> {
  const folders = named.length === 0 ? [nearest(cwd)] : named.map((folder) => path.resolve(cwd, folder));
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing !== undefined) throw new KernelError('FOLDER_MISSING', { path: missing });
  return Promise.all(folders.map(async (folder) => ({ folder, leader: await leaderOf(databasePath(folder)) })));
}

/** `window, pid 12 on this machine` */
export function leaderWords({ program, pid, machine }: Leader): string {
  const where = machine === machineName() ? 'this machine' : machine.replace(/\p{Cc}/gu, ' ');
  return `${program}, pid ${pid} on ${where}`;
}
