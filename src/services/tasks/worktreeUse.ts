/** The agents that run in a worktree: from the record, and from processes with our mark that any program started. */
import { agentFolders } from '../../host/process/agentFolders';
import { fileKey, placesAround } from '../../host/files/pathIdentity';
import { activeDispatches, dispatchProcess } from '../../kernel/dispatch/service';
import type { TaskDeps } from './deps';

/** Describes running agents for people. */
interface User {
  /** Its folder and all parent folders. */
  readonly places: ReadonlySet<string>;
  readonly by: string;
}

/** The folders where agents run now. */
export class WorktreeUse {
  private constructor(private readonly users: readonly User[]) {}

  static async now({ kernel }: Pick<TaskDeps, 'kernel'>): Promise<WorktreeUse> {
    const recorded = kernel.read((r) =>
      activeDispatches(r).flatMap(({ id, agentType }) => {
        const cwd = dispatchProcess(r, id)?.cwd;
        return cwd === undefined ? [] : [{ folder: cwd, by: `dispatch ${id} (${agentType})` }];
      }),
    );
    const running = (await agentFolders()).map(({ pid, folder }) => ({ folder, by: `process ${pid}` }));
    const users = await Promise.all(
      [...recorded, ...running].map(async ({ folder, by }) => ({ places: await placesAround(folder), by })),
    );
    return new WorktreeUse(users);
  }

  /** The agents in a worktree or below it; undefined if there are none. */
  async of(worktree: string): Promise<string | undefined> {
    const wanted = await fileKey(worktree);
    return this.users.find(({ places }) => places.has(wanted))?.by;
  }
}
