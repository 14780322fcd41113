/** The proposals for one project, from the files of its clone. */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { SetupProposals } from '../../../contract/results/worktrees';
import { ifThere } from '../../../host/files/fileErrors';
import type { Git } from '../../../host/git/git';
import { readSmallFile } from '../../../host/files/smallFile';
import type { GitFolder } from '../../../host/trusted/ownTrees';
import { KernelError } from '../../../kernel/errors/errors';
import { getProject, listProjects } from '../../../kernel/tasks/service';
import type { Project } from '../../../kernel/tasks/record/model';
import type { ProjectDeps } from '../deps';
import { proposeSetup } from './proposals';

type SetupDeps = Pick<ProjectDeps, 'kernel' | 'git'>;

/** @throws KernelError `NOT_FOUND`; `INVALID_ARGUMENT` where there is more than one; `RECORDED_ELSEWHERE` */
export async function proposeProjectSetup(deps: SetupDeps, projectId?: string): Promise<SetupProposals> {
  const project = projectOf(deps, projectId);
  const clone = await deps.git.places.gitFolder(project.clonePath);
  const proposals = await proposeSetup({
    read: (name) => readSmallFile(path.join(clone, name)),
    has: async (name) => (await ifThere(lstat(path.join(clone, name)))) !== undefined,
    nested: (names) => nestedFiles(deps.git, clone, names),
  });
  return { projectId: project.id, proposals };
}

const DEEPEST = 4;

async function nestedFiles(git: Git, clone: GitFolder, names: readonly string[]): Promise<string[]> {
  const patterns = names.map((name) => `:(glob)*/**/${name}`);
  const printed = await git.run(clone, ['ls-files', '-z', '--', ...patterns], { isExact: true });
  return printed.split('\0').filter((name) => name !== '' && name.split('/').length <= DEEPEST);
}

function projectOf({ kernel }: SetupDeps, projectId: string | undefined): Project {
  if (projectId !== undefined) return kernel.read((r) => getProject(r, projectId));
  const [only, ...others] = kernel.read((r) => listProjects(r));
  if (only === undefined) throw new KernelError('NONE_AVAILABLE', { problem: 'There is no project to set up.' });
  if (others.length === 0) return only;
  throw new KernelError('INVALID_ARGUMENT', { argument: 'projectId', problem: 'there are several projects' });
}
