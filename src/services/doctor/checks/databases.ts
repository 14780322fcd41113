/** Each record: readable, writable, intact. */
import { basename } from 'node:path';
import type { DoctorFix, FixingCommand } from '../../../contract/results/doctor';
import type { ErrorCode } from '../../../kernel/errors/errors';
import { PORTFOLIO_NAME } from '../../../kernel/portfolio/home';
import type { ProjectKernel } from '../../record/projectKernel';
import { found, type Check, type Found } from '../model';

export const databasesCheck: Check = {
  id: 'databases',
  starts: false,
  look: ({ databases }) => Promise.all(databases.map(check)),
};

/** Reads the file again if it has changed, including its integrity check. */
async function check(kernel: ProjectKernel): Promise<Found> {
  await kernel.load();
  await kernel.refresh();
  const { state, path, folder } = kernel;
  switch (state.kind) {
    case 'ready':
      return (await kernel.hasLeftLog()) ? leftLog(kernel) : found('DATABASE_SOUND', { path });
    case 'loading':
      return found('DATABASE_SOUND', { path });
    case 'missing':
      return found('DATABASE_ABSENT', { folder }, { fix: ofFolder('intercore.database.initialize', folder) });
    case 'readOnly':
      return found('DATABASE_READ_ONLY', { path }, { error: state.error });
    case 'failed': {
      const { error } = state;
      const [damaged, hotJournal]: ErrorCode[] = ['DATABASE_DAMAGED', 'DATABASE_HOT_JOURNAL'];
      if (error.code !== damaged) {
        const fix = error.code === hotJournal ? recovering(kernel) : {};
        return found('DATABASE_UNUSABLE', { path }, { ...fix, error });
      }
      if (state.backup === undefined) return found('DATABASE_DAMAGED', { path }, { error });
      return found('DATABASE_DAMAGED', { path }, { fix: restoring(kernel), error });
    }
  }
}

function leftLog(kernel: ProjectKernel): Found {
  return found('DATABASE_LOG_LEFT', { path: kernel.path }, recovering(kernel));
}

/** The database of the portfolios is recovered with its next write. */
function recovering({ path, folder }: ProjectKernel): { readonly fix?: DoctorFix } {
  return basename(path) === PORTFOLIO_NAME ? {} : { fix: ofFolder('intercore.database.recover', folder) };
}

function restoring({ path, folder }: ProjectKernel): DoctorFix {
  return basename(path) === PORTFOLIO_NAME
    ? { kind: 'command', command: 'intercore.portfolio.restoreBackup', args: null }
    : ofFolder('intercore.database.restoreBackup', folder);
}

const ofFolder = (command: FixingCommand, folder: string): DoctorFix => ({
  kind: 'command',
  command,
  args: { folder },
});
