/** `ic lead status`: who leads which folder. It opens no record and starts nothing. */
import { existsSync } from 'node:fs';
import { databasePath } from '../../host/paths';
import { machineName } from '../../host/processIdentity';
import { KernelError } from '../../kernel/errors';
import { leaderOf, type Leader } from '../../services/village/leader';

export interface FolderLeader {
  readonly folder: string;
  /** Undefined where nobody leads. */
  readonly leader: Leader | undefined;
}

/** @throws KernelError `FOLDER_MISSING`: of a folder that is not there nothing is known */
export async function leadersOf(folders: readonly string[]): Promise<FolderLeader[]> {
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing !== undefined) throw new KernelError('FOLDER_MISSING', { path: missing });
  return Promise.all(folders.map(async (folder) => ({ folder, leader: await leaderOf(databasePath(folder)) })));
}

/** `window, pid 12 on this machine` */
export function leaderWords({ program, pid, machine }: Leader): string {
  const where = machine === machineName() ? 'this machine' : machine.replace(/\p{Cc}/gu, ' ');
  return `${program}, pid ${pid} on ${where}`;
}
