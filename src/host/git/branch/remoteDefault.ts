/** What the remote of a clone names as its default branch now, which git does not note when it fetches. */
import { refNameOf, type RefName } from '../../../kernel/text/gitNames';
import type { Setting } from '../config/fixedConfig';
import { isGitFailure, type GitRun } from '../git';
import type { Repository } from '../repository';

const REMOTE = 'origin';
/** How long a remote may take to answer a question that nothing waits for. */
const PATIENCE_MS = 5000;
/** Signs in with nothing that could ask the person. */
const SILENT: readonly Setting[] = [
  ['credential.helper', ''],
  ['core.sshCommand', 'ssh -oBatchMode=yes -oConnectTimeout=5'],
];

/** Undefined where there is no remote, where it names none, and where it cannot be reached. */
export async function remoteDefault({ git, folder }: Repository, options: GitRun = {}): Promise<RefName | undefined> {
  // Git would take the name of a remote that is not there for a folder.
  if ((await git.ask(folder, ['config', '--get', `remote.${REMOTE}.url`])) === undefined) return undefined;
  const args = ['ls-remote', '--symref', '--end-of-options', REMOTE, 'HEAD'];
  try {
    const listed = await git.run(folder, 'read the default branch of the remote', args, options);
    return refNameOf(/^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1] ?? '');
  } catch (error) {
    // A network that is away decides nothing.
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

/** The default branch that the remote names, where it is another than this branch, which is there, too. Asks nobody. */
export async function otherDefault(repository: Repository, branch: string): Promise<OtherDefault | undefined> {
  const { git, folder } = repository;
  const head = `refs/remotes/${REMOTE}/HEAD`;
  const tracking = `refs/remotes/${REMOTE}/${branch}`;
  if ((await repository.commitOf(tracking)) === undefined) return undefined;
  const cloned = await git.ask(folder, ['symbolic-ref', '--quiet', '--end-of-options', head]);
  const name = await remoteDefault(repository, { config: SILENT, signal: AbortSignal.timeout(PATIENCE_MS) });
  return name === undefined || name === branch ? undefined : { name, isNew: cloned === tracking };
}
