/** What operations on projects, tasks and subtasks stand on. */
import type { LeaderState } from '../../../contract/results/tasks';
import type { Git } from '../../../host/git/git';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import type { Project } from '../../../kernel/tasks/record/model';
import type { KernelDeps } from '../../record/kernels';
import type { GitHubConnection } from '../../tasks/project/gitHubConnection';
import type { Disposable } from '../../../kernel/emitter';
import type { LandingDeps } from '../../tasks/landing/landing';
import type { Leader } from '../../tasks/lead/leader';
import type { FolderHost } from '../host';

/** GitHub for a person who waits, and may be asked to sign in. */
export interface GitHubAccess {
  /** Of the server that is set now. @throws KernelError `INVALID_ARGUMENT` for an address that cannot be one */
  connect(): GitHubConnection;
  /** Asks the person to sign in where they are not. */
  signIn(): Promise<void>;
  /** As that of `connect`, at each call. */
  readonly transport: GitHubTransport;
  /** Clones are kept below `projects` in it. Absolute. */
  readonly storageDir: string;
  /** For the record of a clone. */
  readonly kernelDeps: KernelDeps;
  /** Lets the folder of a new project join what is open. */
  openFolder(project: Project): void;
  /** Its folder is no longer part of what is open. */
  closeFolder(project: Project): void;
}

/** The taskServices of a window: one for each open folder with projects. */
export interface TaskServices {
  readonly git: Git;
  /** Where worktrees, plans and the output of checks of a folder are kept. */
  storageDir(folder: string): string;
  readonly gitHub: GitHubAccess;
  leaderState(folder: string): LeaderState;
  /** Who leads the folder instead of this program, where that is known. */
  leader(folder: string): Leader | undefined;
  /** Asks the leader of the folder to let go, for this window. False where agents may not run there now. */
  takeOver(folder: string): Promise<boolean>;
  /** Lets go of the folder, for another program that waits for it. False where this window does not lead it. */
  handOver(folder: string): Promise<boolean>;
  /** Whether a clone or worktree is recorded elsewhere, as far as it has been checked for views. */
  isElsewhere(place: string): boolean;
  /** Why a worktree cannot be seen, as far as that has been checked for views; undefined where it can. */
  unseen(place: string): string | undefined;
  /** Whether work on a subtask waits until other heavy work of this program is done. */
  waitsForTurn(subtaskId: string): boolean;
  /** Places that were recorded elsewhere may be known now. */
  checkAgain(): void;
  /** Attempts of an agent before a person has to look. */
  maxAttempts(folder: string): number;
  /** Tells that who makes agents work may have changed. */
  onDidChange(listener: () => void): Disposable;
  /**
   * Asks the person, once for each workspace, where the folder's agents ask for nothing. `allowed` stands for the
   * answer, and `kind` is the one kind that is meant. Throws `Dismissed` where they are not allowed.
   */
  allowAgents(folder: string, allowed: true | undefined, kind?: string): Promise<void>;
}

export function landingDeps({ kernel, taskServices, log }: FolderHost): LandingDeps {
  return { kernel, git: taskServices.git, log: log.scope('tasks') };
}
