/** The dependencies of operations on projects, tasks and subtasks. */
import type { AgentKind } from '../../contract/agentKinds';
import type { LeaderState } from '../../contract/results/tasks';
import type { Git } from '../../host/git/git';
import type { GitHubTransport } from '../../host/git/transport/gitHubTransport';
import type { UsualKinds } from '../../kernel/tasks/subtask/neededAgent';
import type { Project } from '../../kernel/tasks/record/model';
import type { KernelDeps } from '../record/kernels';
import type { GitHubConnection } from '../tasks/project/gitHubConnection';
import type { Disposable } from '../../kernel/emitter';
import type { FolderFacts, UnledFacts } from '../attention/folderAttention';
import type { ProjectKernel } from '../record/projectKernel';
import type { Leader } from '../tasks/leader';
import type { Problem } from '../../kernel/errors/reasons/problem';

/** GitHub for a waiting person, who may be prompted to sign in. */
export interface GitHubAccess {
  /** For the server in the settings. @throws KernelError `INVALID_ARGUMENT` for an invalid address */
  connect(): GitHubConnection;
  /** Prompts a person who is not signed in. */
  signIn(): Promise<void>;
  /** The same as for `connect`, at each call. */
  readonly transport: GitHubTransport;
  /** Clones are kept below `projects` in it. Absolute. */
  readonly storageDir: string;
  /** Opens the record of a clone. */
  readonly kernelDeps: KernelDeps;
  /** Adds the folder of a new project to the open folders. */
  openFolder(project: Project): void;
  /** Removes its folder from the open folders. */
  closeFolder(project: Project): void;
}

/** The agents of a folder's tasks, as the settings are now. */
export interface TaskAgents {
  readonly usual: UsualKinds;
  readonly kinds: readonly AgentKind[];
}

/** The task services of a window: one for each open folder with projects. */
export interface TaskServices extends UnledFacts, Pick<FolderFacts, 'missingPrograms'> {
  readonly git: Git;
  /** The storage for a folder's worktrees, plans and check output. */
  storageDir(folder: string): string;
  readonly gitHub: GitHubAccess;
  leaderState(folder: string): LeaderState;
  /** The program that leads the folder instead of this one, if known. */
  leader(folder: string): Leader | undefined;
  /** Requests the lead of the folder for this window. False if agents must not run there now. */
  takeOver(folder: string): Promise<boolean>;
  /** Releases the folder for another program that waits for it. False if this window does not lead it. */
  handOver(folder: string): Promise<boolean>;
  /** Whether a clone or worktree is recorded elsewhere, as last checked for views. */
  isElsewhere(place: string): boolean;
  /** Why a worktree is not accessible, as last checked for views; undefined if it is. */
  unseen(place: string): Problem<'WORKTREE_UNSEEN'> | undefined;
  /** Whether work on a subtask waits for other heavy work of this program. */
  waitsForTurn(subtaskId: string): boolean;
  /** Call when locations that were recorded elsewhere may be trusted now. */
  checkAgain(): void;
  /** The agents of the folder's tasks, as the settings are now; undefined where those are unknown. */
  agents(kernel: ProjectKernel): Promise<TaskAgents | undefined>;
  /** The number of an agent's attempts before a person is needed. */
  maxAttempts(folder: string): number;
  /** Fires when the leader may have changed. */
  onDidChange(listener: () => void): Disposable;
  /**
   * Prompts the person once for each workspace if the folder's agents run without permission prompts. `allowed`
   * replaces the answer, and `kind` limits the question to one kind. Throws `Dismissed` if they are not allowed.
   */
  allowAgents(folder: string, allowed: true | undefined, kind?: string): Promise<void>;
}
