/** The dependencies of the operations, and how they find the folder and the run of their arguments. */
import path from 'node:path';
import type { KindChoice } from '../../contract/results/agentKinds';
import type { SettingName, SettingValue } from '../../contract/settings/settings';
import type { Log } from '../../host/log';
import type { DispatchId } from '../../kernel/ids';
import { KernelError, lacksTables } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { NotFoundSubject } from '../../kernel/errors/subjects';
import { findDispatch } from '../../kernel/dispatch/service';
import { isQueued } from '../../kernel/queue/service';
import { findRun } from '../../kernel/run/record/queries';
import { getProject, getTask } from '../../kernel/tasks/service';
import { getSubtask } from '../../kernel/tasks/subtask/subtasks';
import type { Reader } from '../../kernel/unit';
import type { HeldView } from '../attention/items/heldItems';
import type { AgentInstallation } from '../agents/acp/installation/addAgent';
import type { Callers } from '../consent/callers';
import type { Caller } from '../consent/decisions';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { DoctorInput } from '../doctor/model';
import type { ProjectKernel, WorkspaceKernels } from '../record/kernels';
import type { OwnWork } from '../dispatch/context/ownWork';
import type { PortfolioLinks } from '../portfolio/snapshot/links';
import type { PortfolioHome } from '../portfolio/home/home';
import type { PortfolioRelays } from '../portfolio/relay/relays';
import type { ProjectDeps } from '../tasks/deps';
import type { TaskServices } from './taskServices';

/** The portfolios of a window on a workspace file. */
export interface WindowPortfolios {
  readonly home: PortfolioHome;
  readonly relays: PortfolioRelays;
  /** Whether the workspace has a saved file. */
  readonly isSaved: boolean;
  /** Pauses or resumes a relay, also for the next time the workspace is opened. */
  setPaused(portfolioId: string, isPaused: boolean): Promise<void>;
}

export interface OperationHost {
  /** The name that the record stores for a decision: `vscode` for a person in the editor. */
  readonly actor: () => string;
  /** The current caller, for decisions that need a person. */
  readonly caller: () => Caller;
  /** Signs what the operations write; the kernels read it. */
  readonly callers: Callers;
  readonly kernels: Pick<WorkspaceKernels, 'all' | 'get' | 'onDidChange'>;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Whether the window may change and run things. Read at every change, because trust can be granted later. */
  readonly trusted: () => boolean;
  readonly setting: <S extends SettingName>(name: S, folder?: string) => SettingValue<S>;
  /** The agent kind of a folder's dispatches that name none. */
  readonly defaultKind: (folder: string) => Promise<KindChoice>;
  /** Links from children to their portfolios in any database. */
  readonly links: PortfolioLinks;
  /** The portfolios of this window; undefined without a workspace file. */
  readonly portfolios: WindowPortfolios | undefined;
  readonly taskServices: TaskServices;
  /** Accounts of agents that a limit holds, for a folder. */
  readonly held: (folder: string) => HeldView;
  /** Tasks that this user created or allowed here. */
  readonly ownWork: OwnWork;
  /** What the doctor checks. */
  readonly doctorInput: () => Promise<DoctorInput>;
  /** Where agents are added, and with which programs. */
  readonly installation: () => Promise<Omit<AgentInstallation, 'stopped'>>;
  /** What is known of agents without a dispatcher; left out: it is asked. */
  readonly agentFacts?: Pick<Dispatcher, 'kinds' | 'storages'> | undefined;
  /** Aborts when the caller asks to stop what takes long; left out: never. */
  readonly stopped?: AbortSignal;
  /** Ends the agents of a deleted task. Defaults to the dispatcher, which logs agents that cannot be ended. */
  readonly endAgents?: (kernel: ProjectKernel, ids: readonly DispatchId[], reason: string) => Promise<void>;
}

/** The dependencies of an operation on the record of a folder. */
export interface FolderHost extends OperationHost {
  /** The loaded kernel of the folder in the arguments. */
  readonly kernel: ProjectKernel;
}

export function projectDeps({ kernel, taskServices, log }: FolderHost): ProjectDeps {
  return { kernel, git: taskServices.git, log: log.scope('tasks') };
}

/** The fields of an argument object that name its subject. */
export interface RecordSelector {
  readonly folder?: string | undefined;
  readonly runId?: string | undefined;
  readonly dispatchId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly subtaskId?: string | undefined;
}

/**
 * The loaded kernel for the arguments: of the named folder, of the only folder, or of the folder with the id.
 * @throws KernelError `NO_FOLDER`, `NOT_FOUND`, or `INVALID_ARGUMENT` if several folders are open and the arguments
 * name none.
 */
export async function kernelOf(host: OperationHost, where: RecordSelector, action: string): Promise<ProjectKernel> {
  const kernel = await findKernel(host, where, action);
  await kernel.load();
  return kernel;
}

async function findKernel(host: OperationHost, where: RecordSelector, action: string): Promise<ProjectKernel> {
  if (where.folder !== undefined) return folderKernel(host, where.folder);
  const all = host.kernels.all();
  const [first, second] = all;
  if (first === undefined) throw new KernelError('NO_FOLDER', { action });
  if (second === undefined) return first;
  const { runId, dispatchId } = where;
  if (runId !== undefined) return await holder(all, 'run', runId, (reader) => findRun(reader, runId) !== undefined);
  if (dispatchId !== undefined) {
    return await holder(all, 'dispatch', dispatchId, (reader) => {
      return findDispatch(reader, dispatchId) !== undefined || isQueued(reader, dispatchId);
    });
  }
  const { projectId, taskId, subtaskId } = where;
  if (subtaskId !== undefined) return await holder(all, 'subtask', subtaskId, has(getSubtask, subtaskId));
  if (taskId !== undefined) return await holder(all, 'task', taskId, has(getTask, taskId));
  if (projectId !== undefined) return await holder(all, 'project', projectId, has(getProject, projectId));
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'folder',
    problem: because('several folders are open, so name one'),
  });
}

/** Whether a record contains the id that the reading needs. */
function has(get: (reader: Reader, id: string) => unknown, id: string): (reader: Reader) => boolean {
  return (reader) => {
    try {
      get(reader, id);
      return true;
    } catch (error) {
      // A record from a version without tasks lacks these tables.
      if (KernelError.is(error, 'NOT_FOUND') || lacksTables(error)) return false;
      throw error;
    }
  };
}

function folderKernel(host: OperationHost, folder: string): ProjectKernel {
  const kernel = host.kernels.get(path.resolve(folder));
  if (kernel === undefined) throw new KernelError('NOT_FOUND', { what: 'folder', id: folder });
  return kernel;
}

async function holder(
  kernels: readonly ProjectKernel[],
  what: NotFoundSubject,
  id: string,
  has: (reader: Reader) => boolean,
): Promise<ProjectKernel> {
  for (const kernel of kernels) {
    await kernel.load();
    if (isReadable(kernel) && kernel.read(has)) return kernel;
  }
  throw new KernelError('NOT_FOUND', { what, id });
}

/** Whether the kernel's record is readable now, writable or not. */
export function isReadable(kernel: ProjectKernel): boolean {
  return kernel.state.kind === 'ready' || kernel.state.kind === 'readOnly';
}

export function requireTrust(host: OperationHost, action: string): void {
  if (!host.trusted()) throw new KernelError('UNTRUSTED', { action });
}
