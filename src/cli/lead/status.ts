/** `ic lead status`: the leader of each folder. Opens no record and starts nothing. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { databasePath } from '../../host/files/paths';
import { machineName } from '../../host/process/processIdentity';
import { KernelError } from '../../kernel/errors/errors';
import { nearest } from '../mcp/servedFolders';
import { leaderOf, type Leader } from '../../services/tasks/leader';

export interface FolderLeader {
  readonly folder: string;
  /** Undefined without a leader. */
  readonly leader: Leader | undefined;
}

/**
 * Of the named folders, else of the folder that a leader started here would lead.
 * @throws KernelError `FOLDER_MISSING`
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
