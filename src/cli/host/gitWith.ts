/** Git for programs that a person starts in folders of theirs. */
import { Git, type GitDeps } from '../../host/git/git';
import { trustedFoldersOf } from '../../host/trusted/trustedFolders';

/** Which ignored files the snapshot of a worktree keeps, and how long steps may run without output. */
export type GitSettings = Required<Pick<GitDeps, 'ignored' | 'limits'>>;

/** `folders`: the folders of the program, known without their records. */
export function gitWith(environment: NodeJS.ProcessEnv, settings: GitSettings, folders: readonly string[]): Git {
  return new Git({
    environment,
    ...settings,
    trusted: () => true,
    places: trustedFoldersOf(environment, () => folders),
  });
}
