/** Which processes have a file open for writing, as Linux reports it for those of the same user. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from './fileErrors';

const DELETED = ' (deleted)';
/** The bits of the flags in `fdinfo` that allow writing. */
const WRITES = 0o3;

/**
 * A process other than ours that has the file with this inode open for writing, under the name of `file`, be it deleted
 * or not; undefined where there is none. Readers do no harm, and our own processes read the file all the time.
 */
export function writerWithOpen(file: string, inode: bigint): number | undefined {
  const name = path.basename(file);
  for (const pid of listed('/proc').map(Number)) {
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const folder = `/proc/${pid}/fd`;
    const isOpen = listed(folder).some((descriptor) => {
      const target = lookedAt(() => readlinkSync(`${folder}/${descriptor}`)) ?? '';
      const plain = target.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
      return path.basename(plain) === name && isWriter(pid, descriptor, inode);
    });
    if (isOpen) return pid;
  }
  return undefined;
}

function isWriter(pid: number, descriptor: string, inode: bigint): boolean {
  const stats = lookedAt(() => statSync(`/proc/${pid}/fd/${descriptor}`, { bigint: true }));
  if (stats?.ino !== inode) return false;
  const info = lookedAt(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')) ?? '';
  const flags = /^flags:\s*(\d+)/m.exec(info)?.[1];
  return flags === undefined || (Number.parseInt(flags, 8) & WRITES) !== 0;
}

function listed(folder: string): readonly string[] {
  return lookedAt(() => readdirSync(folder)) ?? [];
}

/** Undefined where the process has ended meanwhile or belongs to another user. */
function lookedAt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
