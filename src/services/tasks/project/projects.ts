/** *Use This Folder*: makes the repository of a folder a project (`docs/design/github.md#adding-a-project`). */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { missingBranch } from '../../../host/git/branch/branches';
import type { Git } from '../../../host/git/git';
import { Repository } from '../../../host/git/repository';
import type { GitFolder } from '../../../host/trusted/ownTrees';
import { isKernelError, KernelError } from '../../../kernel/errors/errors';
import type { Project } from '../../../kernel/tasks/record/model';
import { addProject } from '../../../kernel/tasks/service';
import type { ProjectKernel } from '../../record/projectKernel';

export interface LocalProject {
  /** Absolute, anywhere in the repository. */
  readonly folder: string;
  /** A person named the folder, so its repository is trusted, even in a parent folder. */
  readonly isNamed?: boolean;
  /** Defaults to the name of the repository's folder. */
  readonly name?: string | undefined;
  /** The branch that work lands on. Defaults to the remote's default branch, else the checked-out branch. */
  readonly defaultBranch?: string | undefined;
}

/** @throws KernelError `GIT_REPOSITORY_MISSING`, `REPOSITORY_EMPTY`, `BRANCH_MISSING`, `PROJECT_EXISTS` */
export async function addLocalProject(
  kernel: Pick<ProjectKernel, 'write'>,
  git: Git,
  { folder, isNamed = false, name, defaultBranch }: LocalProject,
): Promise<Project> {
  const missing = (cause?: unknown): KernelError => new KernelError('GIT_REPOSITORY_MISSING', { folder }, { cause });
  const named = (): Promise<GitFolder> =>
    git.places.named(folder).catch((error: unknown) => {
      // The system's refusal: a name that is too long, or circular links.
      throw isKernelError(error) ? error : missing(error);
    });
  const start = isNamed ? await named() : await git.places.gitFolder(folder);
  const top = await Repository.topOf(git, start);
  if (top === undefined) throw missing();
  const clonePath = await realpath(top);
  if (isNamed) await git.places.trust(clonePath);
  const repository = new Repository(git, await git.places.gitFolder(clonePath));
  const branch = defaultBranch ?? (await repository.defaultBranch());
  const baseCommit = await repository.commitOf(`refs/heads/${branch}`);
  if (baseCommit === undefined) throw await missingBranch(repository, branch);
  return kernel.write((u) =>
    addProject(u, { name: name ?? path.basename(clonePath), clonePath, defaultBranch: branch, baseCommit }),
  );
}
