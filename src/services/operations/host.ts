/** What the operations of the record stand on, and how they find the folder and the run that are meant. */
import path from 'node:path';
import type { SettingName, SettingValue } from '../../contract/settings/settings';
import type { Log } from '../../host/log';
import type { DispatchId } from '../../kernel/ids';
import { KernelError, lacksTables } from '../../kernel/errors/errors';
import { findDispatch } from '../../kernel/dispatch/service';
import { isQueued } from '../../kernel/queue/service';
import { findRun } from '../../kernel/run/record/queries';
import { getProject, getTask } from '../../kernel/tasks/service';
import { getSubtask } from '../../kernel/tasks/subtask/subtasks';
import type { Reader } from '../../kernel/unit';
import type { HeldView } from '../attention/items/heldItems';
import type { Callers } from '../consent/callers';
import type { Caller } from '../consent/decisions';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { DoctorInput } from '../doctor/model';
import type { ProjectKernel, WorkspaceKernels } from '../record/kernels';
import type { OwnWork } from '../dispatch/ownWork';
import type { PortfolioLinks } from '../portfolio/snapshot/links';
import type { WindowPortfolios } from './portfolio/portfolioHost';
import type { TaskServices } from './task/taskServices';

export interface OperationHost {
  /** Who the record names as the one who decided: `vscode` for a person in the editor. */
  readonly actor: () => string;
  /** Who asks now, for what only a person decides. */
  readonly caller: () => Caller;
  /** What the operations write is signed through them; the kernels ask them. */
  readonly callers: Callers;
  readonly kernels: Pick<WorkspaceKernels, 'all' | 'get' | 'onDidChange'>;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Whether the window may change and run things; asked at every change, since trust can be granted meanwhile. */
  readonly trusted: () => boolean;
  readonly setting: <S extends SettingName>(name: S, folder?: string) => SettingValue<S>;
  /** From a child to its portfolio, wherever that is. */
  readonly links: PortfolioLinks;
  /** The portfolios of this window; undefined where it is not on a workspace file. */
  readonly portfolios: WindowPortfolios | undefined;
  readonly taskServices: TaskServices;
  /** Accounts of agents that a limit holds, for a folder. */
  readonly held: (folder: string) => HeldView;
  /** Tasks that were created here, and not by somebody else. */
  readonly ownWork: OwnWork;
  /** What the doctor checks. */
  readonly doctorInput: () => Promise<DoctorInput>;
  /** How agents end whose task is deleted; left out: by the dispatcher, and what cannot be ended is logged. */
  readonly endAgents?: (kernel: ProjectKernel, ids: readonly DispatchId[], reason: string) => Promise<void>;
}

/** What an operation on the record of a folder stands on. */
export interface FolderHost extends OperationHost {
  /** That of the folder that the arguments mean, loaded. */
  readonly kernel: ProjectKernel;
}

/** What an argument object may say about where it belongs. */
export interface RecordSelector {
  readonly folder?: string | undefined;
  readonly runId?: string | undefined;
  readonly dispatchId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly subtaskId?: string | undefined;
}

/**
 * The loaded kernel that the arguments mean: of the named folder, of the only folder, or of the one that has the id.
 * @throws KernelError `NO_FOLDER`, `NOT_FOUND`, or `INVALID_ARGUMENT` where several folders are open and nothing tells.
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
  throw new KernelError('INVALID_ARGUMENT', { argument: 'folder', problem: 'several are open, so it must say which' });
}

/** Whether a record has what a reading of it refuses to find. */
function has(get: (reader: Reader, id: string) => unknown, id: string): (reader: Reader) => boolean {
  return (reader) => {
    try {
      get(reader, id);
      return true;
    } catch (error) {
      // A record that no version with tasks has written has none of these tables.
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
  what: string,
  id: string,
  has: (reader: Reader) => boolean,
): Promise<ProjectKernel> {
  for (const kernel of kernels) {
    await kernel.load();
    if (isReadable(kernel) && kernel.read(has)) return kernel;
  }
  throw new KernelError('NOT_FOUND', { what, id });
}

/** Whether the kernel's record can be read now, be it writable or not. */
export function isReadable(kernel: ProjectKernel): boolean {
  return kernel.state.kind === 'ready' || kernel.state.kind === 'readOnly';
}

export function requireTrust(host: OperationHost, action: string): void {
  if (!host.trusted()) throw new KernelError('UNTRUSTED', { action });
}
