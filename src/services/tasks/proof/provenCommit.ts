/** The only commit of a subtask that may be published or merged. */
import { branchCommit } from '../../../host/git/branch/branches';
import type { Repository } from '../../../host/git/repository';
import { KernelError } from '../../../kernel/errors/errors';
import type { Sha } from '../../../kernel/text/gitNames';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { withdrawProof } from '../../../kernel/tasks/subtask/progress';
import type { ProjectKernel } from '../../record/projectKernel';

/**
 * The proven commit, if the branch is still at it or is gone. If the branch has moved since, its work is proven again.
 * @throws KernelError `PROOF_MISSING`, `PROOF_OUTDATED`; `TASK_STATE` if its task has ended
 */
export async function provenCommit(
  kernel: Pick<ProjectKernel, 'write'>,
  repository: Repository,
  subtask: Subtask,
): Promise<Sha> {
  const { id, provenSha, branchName } = subtask;
  const found = branchName === null ? undefined : await branchCommit(repository, branchName);
  if (provenSha !== null && (found === undefined || found === provenSha)) return provenSha;
  const error =
    provenSha === null
      ? new KernelError('PROOF_MISSING', { subtask: id })
      : new KernelError('PROOF_OUTDATED', {
          subtask: id,
          branch: branchName ?? '',
          proven: short(provenSha),
          found: short(found ?? ''),
        });
  await kernel.write((u) => withdrawProof(u, id, error.message));
  throw error;
}

/** In short form, for people. */
export function short(commit: string): string {
  return commit.slice(0, 10);
}
