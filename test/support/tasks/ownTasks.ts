/** Tasks that a test writes into a record itself, entered as those of the person who runs the test. */
import { FolderLedger } from '../../../src/host/files/folderLedger';
import { ledgerFolder } from '../../../src/host/state/stateFolder';
import { listTasks } from '../../../src/kernel/tasks/service';
import { OwnWork } from '../../../src/services/dispatch/context/ownWork';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';

/** So that a window works on them without asking whether they may be worked on. */
export function ownTasks(kernel: ProjectKernel): void {
  const ids = kernel.read((r) => listTasks(r).map(({ id }) => id));
  new OwnWork(new FolderLedger(ledgerFolder(process.env), 'work')).noteTasks(kernel.folder, ids);
}
