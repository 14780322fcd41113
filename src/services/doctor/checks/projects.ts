/** The projects of the records that can be read. */
import { isKernelError } from '../../../kernel/errors/errors';
import type { Project } from '../../../kernel/tasks/record/model';
import { listProjects } from '../../../kernel/tasks/service';
import { isReadable } from '../../operations/host';
import type { ProjectKernel } from '../../record/projectKernel';
import type { DoctorInput } from '../model';

export interface Holding {
  readonly kernel: ProjectKernel;
  readonly project: Project;
}

export function holdings({ kernels }: Pick<DoctorInput, 'kernels'>): Holding[] {
  return kernels.filter(isReadable).flatMap((kernel) => projectsOf(kernel).map((project) => ({ kernel, project })));
}

/** Empty for a record from a version without tasks. The database check reports damage. */
function projectsOf(kernel: ProjectKernel): Project[] {
  try {
    return kernel.read((r) => [...listProjects(r)]);
  } catch (error) {
    if (isKernelError(error)) return [];
    throw error;
  }
}
