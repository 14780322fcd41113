/** Processes of this user with a file open for writing, as reported by Linux. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { isPermission, systemCode } from '../files/fileErrors';

const DELETED = ' (deleted)';
/** The bits of the flags in `fdinfo` that allow writing. */
const WRITES = 0o3;

/**
 * Another process that has the file with this inode open for writing, under the name of `file`, deleted or not;
 * undefined if there is none. Readers are harmless, and our own processes read the file constantly.
 *
 * It runs under the lock and reads every descriptor of every process, so each step must be fast.
 */
export function writerWithOpen(file: string, inode: bigint): number | undefined {
  const name = path.basename(file);
  const endings = [`/${name}`, `/${name}${DELETED}`];
  const own = String(process.pid);
  for (const pid of listed('/proc')) {
    if (!PROCESS.test(pid) || pid === own) continue;
    if (hasOpen(pid, endings, inode)) return Number(pid);
  }
  return undefined;
}

const PROCESS = /^\d+$/;

function hasOpen(pid: string, endings: readonly string[], inode: bigint): boolean {
  const folder = `/proc/${pid}/fd/`;
  for (const descriptor of listed(folder)) {
    try {
      const target = readlinkSync(folder + descriptor);
      if (endings.some((ending) => target.endsWith(ending)) && isWriter(pid, descriptor, inode)) return true;
    } catch (error) {
      // Permission applies to a process, not to a descriptor: the others would be refused, too.
      if (isPermission(error)) return false;
      if (systemCode(error) === undefined) throw error;
    }
  }
  return false;
}

function isWriter(pid: string, descriptor: string, inode: bigint): boolean {
  const stats = checkedAt(() => statSync(`/proc/${pid}/fd/${descriptor}`, { bigint: true }));
  if (stats?.ino !== inode) return false;
  const info = checkedAt(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')) ?? '';
  const flags = /^flags:\s*(\d+)/m.exec(info)?.[1];
  return flags === undefined || (Number.parseInt(flags, 8) & WRITES) !== 0;
}

function listed(folder: string): readonly string[] {
  return checkedAt(() => readdirSync(folder)) ?? [];
}

/** Undefined if the process has ended or belongs to another user. */
function checkedAt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
