/** Whether there is leave to write and space to write into, where records and agents' files are kept. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../../../host/files/fileErrors';
import { found, type Check, type Examination, type Found } from '../model';

const MIB = 1024 * 1024;
const LOW_BYTES = 1024 * MIB;
const FULL_BYTES = 50 * MIB;

export const permissionsCheck: Check = {
  id: 'permissions',
  starts: false,
  async look(examination) {
    return Promise.all((await placesOf(examination)).map(writability));
  },
};

export const diskCheck: Check = {
  id: 'disk',
  starts: false,
  async look(examination) {
    const byDevice = new Map<number, string>();
    for (const place of await placesOf(examination)) {
      const { dev } = await stat(place);
      if (!byDevice.has(dev)) byDevice.set(dev, place);
    }
    return Promise.all([...byDevice.values()].map(freeSpace));
  },
};

/** The databases and their folders, and the storage; of what is not made yet, the folder it will be made in. */
async function placesOf({ databases, storageFolders }: Examination): Promise<string[]> {
  const wanted = [...databases.flatMap(({ path: file }) => [path.dirname(file), file]), ...storageFolders];
  return [...new Set(await Promise.all(wanted.map(existing)))];
}

async function existing(place: string): Promise<string> {
  const above = path.dirname(place);
  return place === above || (await ifThere(stat(place))) !== undefined ? place : existing(above);
}

async function writability(place: string): Promise<Found> {
  try {
    await access(place, constants.W_OK);
    return found('WRITABLE', { path: place });
  } catch (error) {
    const code = systemCode(error);
    const problem = code === 'EROFS' ? 'its disk is read-only' : code === 'EACCES' ? 'no permission' : String(code);
    return found('NOT_WRITABLE', { path: place, problem });
  }
}

async function freeSpace(place: string): Promise<Found> {
  const { bavail, bsize } = await statfs(place);
  const bytes = bavail * bsize;
  const facts = {
    path: place,
    free: bytes < LOW_BYTES ? `${Math.round(bytes / MIB)} MB` : `${Math.round(bytes / LOW_BYTES)} GB`,
  };
  return found(bytes < FULL_BYTES ? 'DISK_FULL' : bytes < LOW_BYTES ? 'DISK_LOW' : 'DISK_FREE', facts);
}
