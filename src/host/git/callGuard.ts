/**
 * The checks before each call of git: its options are in the closed table, the folder's git directory belongs to the
 * folder, and no program that the repository configures runs. Loaded with the first call, which most windows never
 * make.
 */
import type { GitFolder } from '../trusted/ownTrees';
import { gitArguments } from './gitArguments';
import { gitDirectoryOf } from './config/gitDirectory';
import type { Setting } from './config/fixedConfig';
import { RepositoryConfig } from './config/repositoryConfig';

export interface GuardedCall {
  readonly args: readonly string[];
  /** Configuration besides the fixed one, which wins over every file. */
  readonly settings: readonly Setting[];
}

const LIST = ['config', '--list', '--show-scope', '-z'];

export class CallGuard {
  private readonly config = new RepositoryConfig();

  /**
   * @param start runs git to read the configuration, which starts no program.
   * @throws KernelError `INVALID_ARGUMENT`, `RECORDED_ELSEWHERE`
   */
  async check(
    folder: GitFolder,
    args: readonly string[],
    start: (call: GuardedCall) => Promise<string>,
  ): Promise<GuardedCall> {
    const checked = gitArguments(args);
    const directory = await gitDirectoryOf(folder);
    const list = (): Promise<string> => start({ args: LIST, settings: [] });
    const overrides = directory === undefined ? [] : await this.config.overridesFor(directory, list);
    return { args: checked, settings: overrides };
  }
}
