/** The proposals for one project, from the files of its clone. */
import path from 'node:path';
import { lstat } from 'node:fs/promises';
import type { SetupProposals, SetupProposal } from '../../../contract/results/worktrees';
import { ifThere } from '../../../host/files/fileErrors';
import type { Git } from '../../../host/git/git';
import { readSmallFile } from '../../../host/files/smallFile';
import type { GitFolder } from '../../../host/trusted/ownTrees';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { getProject, listProjects } from '../../../kernel/tasks/service';
import type { Project } from '../../../kernel/tasks/record/model';
import type { ProjectDeps } from '../deps';
import { detectedSetup, type RepositoryFiles } from './detections';
import { importedSetup } from './importedSetup';

/** Ignored files that programs read at their start. */
const ENVIRONMENT_FILES = ['.env', '.env.local', '.env.development', '.env.development.local', '.env.test.local'];
/**
 * Folders that take long to create and can be copied. A Python virtual environment contains its own path, so it cannot
 * be copied.
 */
const DEPENDENCY_FOLDERS = ['node_modules', 'vendor/bundle', 'Pods'];

/**
 * In the order in which they should run. Another tool's file replaces detections, because the project's team chose it.
 */
export async function proposeSetup(files: RepositoryFiles): Promise<SetupProposal[]> {
  const imported = await importedSetup(files);
  const detected = await detectedSetup(files);
  const environment = await present(files, ENVIRONMENT_FILES);
  const dependencies = await present(files, DEPENDENCY_FOLDERS);
  const isReplaced = imported.some(({ isChosen }) => isChosen);
  return [
    ...environment.map((pattern): SetupProposal => ({
      kind: 'copy',
      source: pattern,
      pattern: `/${pattern}`,
      isChosen: true,
    })),
    ...dependencies.map((folder): SetupProposal => ({
      kind: 'copy',
      source: folder,
      pattern: `/${folder}/`,
      isChosen: false,
    })),
    ...imported,
    ...detected.map((proposal): SetupProposal => ({ ...proposal, isChosen: proposal.isChosen && !isReplaced })),
  ];
}

async function present(files: RepositoryFiles, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => files.has(name)));
  return names.filter((_, index) => found[index]);
}

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
  if (only === undefined)
    throw new KernelError('NONE_AVAILABLE', { problem: because('There is no project to set up.') });
  if (others.length === 0) return only;
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'projectId',
    problem: because('there are several projects, so name one'),
  });
}
