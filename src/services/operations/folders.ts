/** The state of a folder's database, for other extensions. */
import type { FolderInfo } from '../../contract/results/records';
import type { ProjectKernel } from '../record/kernels';

export function folderInfo(kernel: ProjectKernel): FolderInfo {
  const { state } = kernel;
  const error = state.kind === 'failed' || state.kind === 'readOnly' ? state.error : undefined;
  return {
    folder: kernel.folder,
    database: kernel.path,
    state: state.kind,
    problem: error === undefined ? null : { code: error.code, message: error.message },
    generation: kernel.generation,
  };
}
