/** Why the repository of a project cannot be used, with a fix for each cause. */
import type { DoctorFix } from '../../../contract/results/doctor';
import type { Repository } from '../../../host/git/repository';
import { KernelError, type ErrorCode } from '../../../kernel/errors/errors';
import { shellWord } from '../../tasks/tracker/trackerWords';
import type { FindingCode } from '../findings';
import { found, type Found } from '../model';
import type { Holding } from './projects';

const FINDING_OF: Readonly<Partial<Record<ErrorCode, FindingCode>>> = {
  RECORDED_ELSEWHERE: 'CLONE_ELSEWHERE',
  FOLDER_MISSING: 'CLONE_GONE',
  GIT_REPOSITORY_MISSING: 'CLONE_NO_REPOSITORY',
  GIT_OWNERSHIP: 'CLONE_OWNERSHIP',
  GIT_FILES_APART: 'CLONE_FILES_APART',
  GIT_LINK_BROKEN: 'CLONE_LINK_BROKEN',
  HEAD_DAMAGED: 'CLONE_DAMAGED',
  OBJECTS_MISSING: 'CLONE_DAMAGED',
  REPOSITORY_DAMAGED: 'CLONE_DAMAGED',
  GIT_ACCESS_REFUSED: 'CLONE_DAMAGED',
  BARE_BY_OPTION: 'CLONE_BARE',
  REPOSITORY_EMPTY: 'CLONE_EMPTY',
  BRANCH_MISSING: 'CLONE_NO_BRANCH',
  GIT_LFS_MISSING: 'CLONE_LFS_MISSING',
};

export function cloneFailure({ kernel, project }: Holding, error: KernelError): Found {
  const { name, clonePath, defaultBranch } = project;
  const facts = { project: name, path: clonePath };
  const code = FINDING_OF[error.code] ?? 'CLONE_UNCHECKED';
  const args = { folder: kernel.folder, projectId: project.id };
  const fixes: Readonly<Partial<Record<FindingCode, DoctorFix>>> = {
    CLONE_GONE: { kind: 'command', command: 'intercore.project.relocate', args },
    CLONE_NO_REPOSITORY: { kind: 'command', command: 'intercore.project.relocate', args },
    CLONE_LINK_BROKEN: { kind: 'command', command: 'intercore.project.relocate', args },
    CLONE_NO_BRANCH: { kind: 'command', command: 'intercore.project.changeBase', args },
    CLONE_OWNERSHIP: shell(`git config --global --add safe.directory ${shellWord(clonePath)}`),
  };
  const hasCommand = KernelError.is(error, 'GIT_FILES_APART') || KernelError.is(error, 'BARE_BY_OPTION');
  const fix = hasCommand ? shell(error.facts.command) : fixes[code];
  const all = { ...facts, branch: defaultBranch, problem: error.message };
  return found(code, all, fix === undefined ? {} : { fix });
}

function shell(line: string): DoctorFix {
  return { kind: 'shell', line };
}

/** Whether files at a commit (a full id) need Git LFS, which is not installed. */
export async function lacksLfs({ git, folder }: Repository, commit: string): Promise<boolean> {
  const files = ['--', '.gitattributes', '*/.gitattributes'];
  const uses = await git.ask(folder, ['grep', '-q', 'filter=lfs', commit, ...files]);
  return uses !== undefined && !(await git.attempt(folder, ['lfs', 'version']));
}
