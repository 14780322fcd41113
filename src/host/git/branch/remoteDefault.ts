/** The current default branch of a clone's remote, which git does not record when it fetches. */
import { refNameOf, type RefName } from '../../../kernel/text/gitNames';
import type { Setting } from '../config/fixedConfig';
import { isGitFailure, type GitRun } from '../git';
import type { Repository } from '../repository';

const REMOTE = 'origin';
/** The time limit of a request to a remote that nothing waits for. */
const PATIENCE_MS = 5000;
/** Does not sign in by any program that could ask the user. */
const SILENT: readonly Setting[] = [
  ['credential.helper', ''],
  ['core.sshCommand', 'ssh -oBatchMode=yes -oConnectTimeout=5'],
];

/** Undefined if there is no remote, if it names none, and if it cannot be reached. */
export async function remoteDefault({ git, folder }: Repository, options: GitRun = {}): Promise<RefName | undefined> {
  // Git would treat the name of a missing remote as a folder.
  if ((await git.ask(folder, ['config', '--get', `remote.${REMOTE}.url`])) === undefined) return undefined;
  const args = ['ls-remote', '--symref', '--end-of-options', REMOTE, 'HEAD'];
  try {
    const listed = await git.run(folder, args, options);
    return refNameOf(/^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1] ?? '');
  } catch (error) {
    // An unreachable network decides nothing.
    if (isGitFailure(error)) return undefined;
    throw error;
  }
}

/** Whether a branch was the default of the remote when it was cloned, and a later fetch found it gone. Asks no network. */
export async function isGoneDefault(repository: Repository, branch: string): Promise<boolean> {
  const { git, folder } = repository;
  const head = `refs/remotes/${REMOTE}/HEAD`;
  const named = await git.ask(folder, ['symbolic-ref', '--quiet', '--end-of-options', head]);
  const tracking = `refs/remotes/${REMOTE}/${branch}`;
  return named === tracking && (await repository.commitOf(tracking)) === undefined;
}

export interface OtherDefault {
  readonly name: RefName;
  /** Whether the branch was the default of the remote when it was cloned. */
  readonly isNew: boolean;
}

/** The default branch of the remote, if it differs from this branch, which also exists there. Without network. */
export async function otherDefault(repository: Repository, branch: string): Promise<OtherDefault | undefined> {
  const { git, folder } = repository;
  const head = `refs/remotes/${REMOTE}/HEAD`;
  const tracking = `refs/remotes/${REMOTE}/${branch}`;
  if ((await repository.commitOf(tracking)) === undefined) return undefined;
  const cloned = await git.ask(folder, ['symbolic-ref', '--quiet', '--end-of-options', head]);
  const name = await remoteDefault(repository, { config: SILENT, signal: AbortSignal.timeout(PATIENCE_MS) });
  return name === undefined || name === branch ? undefined : { name, isNew: cloned === tracking };
}
