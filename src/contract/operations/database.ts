/** Operations on the record of a folder. */
import * as z from 'zod';
import type { FolderInfo } from '../results/records';
import { folder } from '../declarations/arguments';
import { confirm, operation, resultOf, type Gestures } from '../declarations/operation';

const ONE_FILE = { not: 'every call reads the file' };

export const DATABASE_OPERATIONS = {
  'database.initialize': operation({
    args: z.strictObject({ folder }),
    result: resultOf<FolderInfo>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Creates the record of a folder, or updates an older one. Does nothing if it is up to date.',
    command: {
      id: 'intercore.database.initialize',
      title: 'Initialize Intercore in Folder',
      palette: 'isWorkspaceTrusted && intercore.databaseMissing',
    },
    ic: 'init',
  }),
  'database.reload': operation({
    args: z.strictObject({ folder }),
    result: resultOf<FolderInfo>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Reads the record of a folder again and returns its state.',
    command: { id: 'intercore.database.reload', title: 'Reload from Disk', palette: 'intercore.databasePresent' },
    ic: ONE_FILE,
  }),
  'database.remove': operation({
    args: z.strictObject({ folder }),
    /** The files that are gone, absolute. */
    result: resultOf<readonly string[]>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Deletes the record of a folder with its backups.',
    command: {
      id: 'intercore.database.remove',
      title: 'Remove Data from This Folder…',
      palette: 'isWorkspaceTrusted && intercore.databasePresent',
      confirm: true,
    },
    ic: { not: 'a shell removes .clavain itself' },
    mcp: { not: 'a record is removed by a person alone' },
  }),
};

/** Commands that do no operation. */
export const DATABASE_GESTURES = {
  'intercore.database.open': {
    title: 'Reveal Database File',
    palette: 'intercore.databasePresent',
    args: z.strictObject({ folder }),
    changes: false,
  },
  'intercore.database.recover': {
    title: 'Recover Database',
    palette: 'isWorkspaceTrusted && intercore.databasePresent',
    args: z.strictObject({ folder }),
    changes: true,
  },
  'intercore.database.restoreBackup': {
    title: 'Restore Backup…',
    palette: 'isWorkspaceTrusted && intercore.backupPresent',
    args: z.strictObject({ folder }).extend({ confirm }),
    changes: true,
  },
} as const satisfies Gestures;
