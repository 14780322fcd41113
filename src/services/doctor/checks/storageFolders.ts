/** Write permission and free disk space where records and agents' files are kept. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../../../host/files/fileErrors';
import { found, type Check, type Examination, type Found } from '../model';
import { because, foreignText } from '../../../kernel/errors/reasons/problem';

const MIB = 1024 * 1024;
const LOW_BYTES = 1024 * MIB;
const FULL_BYTES = 50 * MIB;

export const permissionsCheck: Check = {
  id: 'permissions',
  starts: false,
  async look(examination) {
    const { seen, unseen } = await trustedFoldersOf(examination);
    return [...(await Promise.all(seen.map(writability))), ...unseen];
  },
};

export const diskCheck: Check = {
  id: 'disk',
  starts: false,
  async look(examination) {
    const byDevice = new Map<number, string>();
    // The permissions check reports inaccessible folders.
    for (const place of (await trustedFoldersOf(examination)).seen) {
      const { dev } = await stat(place);
      if (!byDevice.has(dev)) byDevice.set(dev, place);
    }
    return Promise.all([...byDevice.values()].map(freeSpace));
  },
};

interface TrustedFolders {
  readonly seen: readonly string[];
  readonly unseen: readonly Found[];
}

/** The databases, their folders, and the storage. For a missing one, the folder where it will be created. */
async function trustedFoldersOf({ databases, storageFolders, visibility }: Examination): Promise<TrustedFolders> {
  const wanted = [...databases.flatMap(({ path: file }) => [path.dirname(file), file]), ...storageFolders];
  const [seen, unseen] = [new Set<string>(), new Map<string, Found>()];
  for (const place of wanted) {
    const state = await visibility.of(place);
    if (state.kind === 'unseen') unseen.set(place, found('PLACE_UNSEEN', { path: place, problem: state.problem }));
    else seen.add(await existing(place));
  }
  return { seen: [...seen], unseen: [...unseen.values()] };
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
    if (code === 'EROFS') return found('NOT_WRITABLE', { path: place, problem: because('its disk is read-only') });
    if (code === 'EACCES') return found('NOT_WRITABLE', { path: place, problem: because('no permission') });
    return found('NOT_WRITABLE', { path: place, problem: foreignText(String(code)) });
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
