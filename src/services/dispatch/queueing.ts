/** Dispatches that wait for a limit: how they are kept until they start (design §7, §8). */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { filesIn } from '../../host/launchRecord';
import { KernelError } from '../../kernel/errors';
import { dispatchId, ID_LENGTH, runId } from '../../kernel/ids';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { enqueue, getQueued, leaveQueue } from '../../kernel/queue/service';
import { getRun } from '../../kernel/run/service';
import type { DispatcherDeps } from './deps';
import type { DispatchKernel } from './kernel';
import { keepPrompt, promptOf, type DispatchRequest } from './request';

type QueueingDeps = Pick<DispatcherDeps, 'storageDir' | 'otherStorage' | 'ports'>;

/** Our own ids, which may be names of folders. */
const PLAIN_ID = /^[a-z0-9]+$/;

/**
 * Keeps the prompt as it is now and puts the dispatch at the end of its project's line.
 * @throws KernelError `FILE_UNREADABLE`; `NOT_FOUND` or `RUN_TERMINAL` for the run
 */
export async function putInQueue(
  deps: QueueingDeps,
  kernel: DispatchKernel,
  request: DispatchRequest,
): Promise<QueuedDispatch> {
  const id = dispatchId.parse(deps.ports.ids.newId(ID_LENGTH));
  const files = filesIn(path.join(deps.storageDir, id));
  const queuedAtMs = deps.ports.clock.nowMs();
  const run = request.runId === undefined ? {} : { runId: runId.parse(request.runId) };
  await keepPrompt(files, await promptOf(request, kernel.folder));
  try {
    return await kernel.write((u) => {
      if (run.runId !== undefined) refuseEnded(getRun(u, run.runId));
      const prompt = { file: files.prompt };
      return enqueue(u, { id, ...run, projectDir: kernel.folder, request: { ...request, prompt }, queuedAtMs });
    });
  } catch (error) {
    await rm(files.folder, { recursive: true, force: true });
    throw error;
  }
}

/** Takes a dispatch out of the line for good. @throws KernelError `NOT_FOUND` */
export async function takeFromQueue(deps: QueueingDeps, kernel: DispatchKernel, id: string): Promise<void> {
  await kernel.write((u) => leaveQueue(u, id));
  await forgetPrompt(deps, id);
}

/**
 * What stands in the line under this id and may start as far as its run goes.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`
 */
export function nextInLine(kernel: DispatchKernel, id: string): QueuedDispatch {
  return kernel.read((r) => {
    const queued = getQueued(r, id);
    if (queued.runId !== null) refuseEnded(getRun(r, queued.runId));
    return queued;
  });
}

/**
 * Whether a program of this user queued the dispatch on this machine: its prompt is where only such programs write. A
 * database comes with its project, so nothing else that stands in a line may start unasked.
 */
export function isQueuedHere(deps: QueueingDeps, { id, request }: QueuedDispatch): boolean {
  return promptFiles(deps, id).includes(request.prompt.file);
}

/** Removes the prompt from wherever it was kept while the dispatch waited, except from `keep`. */
export async function forgetPrompt(deps: QueueingDeps, id: string, keep?: string): Promise<void> {
  for (const file of promptFiles(deps, id)) {
    if (file !== keep) await rm(path.dirname(file), { recursive: true, force: true });
  }
}

function promptFiles({ storageDir, otherStorage = [] }: QueueingDeps, id: string): string[] {
  if (!PLAIN_ID.test(id)) return [];
  return [storageDir, ...otherStorage].map((storage) => filesIn(path.join(storage, id)).prompt);
}

/** An agent works for a run that is going on: what it did for a finished one would count for nothing. */
function refuseEnded({ id, status }: { id: string; status: string }): void {
  if (status !== 'active') throw new KernelError('RUN_TERMINAL', { runId: id, status });
}
