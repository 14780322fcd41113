/**
 * Services for operations on tasks outside the editor. They change the record; the leader of the folder starts agents.
 */
import path from 'node:path';
import { defined } from '../../kernel/defined';
import type { Git } from '../../host/git/git';
import { storageFolder } from '../../host/state/stateFolder';
import type { TaskServices } from '../../services/operations/taskServices';
import type { KernelDeps } from '../../services/record/kernels';
import type { GitHubConnection } from '../../services/tasks/project/gitHubConnection';

export interface TaskServicesDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly git: Git;
  readonly gitHub: () => GitHubConnection;
  readonly kernelDeps: () => KernelDeps;
  readonly maxAttempts: () => number;
  readonly isForbidden?: TaskServices['isForbidden'];
  readonly missingPrograms?: TaskServices['missingPrograms'];
  readonly agents?: TaskServices['agents'];
}

export function taskServicesOf({
  env,
  git,
  gitHub,
  kernelDeps,
  maxAttempts,
  isForbidden,
  missingPrograms,
  agents = () => Promise.resolve(undefined),
}: TaskServicesDeps): TaskServices {
  const storage = path.dirname(storageFolder(env));
  return {
    git,
    gitHub: {
      connect: gitHub,
      signIn: () => Promise.resolve(),
      get transport() {
        return gitHub().transport;
      },
      storageDir: storage,
      get kernelDeps() {
        return kernelDeps();
      },
      openFolder: () => undefined,
      closeFolder: () => undefined,
    },
    storageDir: () => path.join(storage, 'tasks'),
    leaderState: () => 'off',
    leader: () => undefined,
    isElsewhere: () => false,
    unseen: () => undefined,
    waitsForTurn: () => false,
    checkAgain: () => undefined,
    agents,
    maxAttempts,
    takeOver: () => Promise.resolve(false),
    handOver: () => Promise.resolve(false),
    onDidChange: () => ({ dispose: () => undefined }),
    allowAgents: () => Promise.resolve(),
    ...defined({ isForbidden, missingPrograms }),
  };
}
