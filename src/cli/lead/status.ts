/** `ic lead status`: who leads which folder. It opens no record and starts nothing. */
import { databasePath } from '../../host/paths';
import { machineName } from '../../host/processIdentity';
import { leaderOf, type Leader } from '../../services/village/leader';

export interface FolderLeader {
  readonly folder: string;
  /** Undefined where nobody leads. */
  readonly leader: Leader | undefined;
}

export async function leadersOf(folders: readonly string[]): Promise<FolderLeader[]> {
  return Promise.all(folders.map(async (folder) => ({ folder, leader: await leaderOf(databasePath(folder)) })));
}

/** `window, pid 12 on this machine` */
export function leaderWords({ program, pid, machine }: Leader): string {
  const where = machine === machineName() ? 'this machine' : machine.replace(/\p{Cc}/gu, ' ');
  return `${program}, pid ${pid} on ${where}`;
}
