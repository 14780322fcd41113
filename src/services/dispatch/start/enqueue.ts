/** Stores dispatches that wait for a limit until they start (`docs/design/portfolios.md#limits`). */
import path from 'node:path';
import { queuedPrompt, removeDispatchFiles } from '../../../host/launcher/dispatchFiles';
import { insideFolder } from '../../../host/trusted/insideFolder';
import { findDispatch } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { dispatchId, ID_LENGTH, runId } from '../../../kernel/ids';
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { enqueue, getQueued, leaveQueue } from '../../../kernel/queue/service';
import { getRun } from '../../../kernel/run/record/queries';
import { storagesOf, type DispatcherDeps } from '../context/deps';
import { personDecides } from '../../consent/decisions';
import type { DispatchKernel } from '../../record/dispatchKernel';
import { makeFilesOf } from './ownedFiles';
import { isQueuedIn } from './queuedHere';
import type { DispatchRequest } from '../context/dispatchRequest';
import { keepPrompt, promptOf } from './request';

type QueueingDeps = Pick<DispatcherDeps, 'storageDir' | 'otherStorage' | 'announceStorage' | 'ports'>;

/**
 * Copies the prompt and adds the dispatch to the end of its project's queue.
 * @throws KernelError `FILE_UNREADABLE`; `NOT_FOUND` or `RUN_TERMINAL` for the run
 */
export async function putInQueue(
  deps: QueueingDeps,
  kernel: DispatchKernel,
  request: DispatchRequest,
): Promise<QueuedDispatch> {
  const id = dispatchId.parse(deps.ports.ids.newId(ID_LENGTH));
  await deps.announceStorage?.(deps.storageDir);
  const files = await makeFilesOf(kernel.path, deps.storageDir, id);
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
    await removeDispatchFiles([deps.storageDir], id);
    throw error;
  }
}

/** Removes a dispatch from the queue permanently. @throws KernelError `NOT_FOUND` */
export async function takeFromQueue(deps: QueueingDeps, kernel: DispatchKernel, id: string): Promise<void> {
  await kernel.write((u) => leaveQueue(u, id));
  await forgetPrompt(deps, id);
}

/**
 * The queued dispatch with this id, if its run allows a start.
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
 * Refuses a dispatch that came with the record: only a person may start it.
 * @throws KernelError `PERSON_DECIDES`; `NOT_FOUND`
 */
export function refuseForeignQueued(
  dispatcher: { mayStartUnasked(queued: QueuedDispatch): boolean },
  kernel: DispatchKernel,
  id: string,
): void {
  if (!dispatcher.mayStartUnasked(kernel.read((r) => getQueued(r, id)))) personDecides('dispatches.startQueued');
}

/**
 * Turns a dispatch that came with the record into this user's own, at its position in the queue, as the person was
 * shown it. Copies its prompt, so that a later change of the file does not affect the agent.
 * @throws KernelError `RECORDED_ELSEWHERE`, `FILE_UNREADABLE`; `INVALID_ARGUMENT` if such a dispatch exists;
 * `NOT_FOUND` if it has left the queue
 */
export async function takeOver(deps: QueueingDeps, kernel: DispatchKernel, shown: QueuedDispatch): Promise<void> {
  const { id, runId: run, projectDir, request, queuedAtMs } = shown;
  await refuseElsewhere(deps, kernel, shown);
  const prompt = await promptOf({ kind: request.kind, prompt: request.prompt }, projectDir);
  refuseStarted(kernel, id);
  await deps.announceStorage?.(deps.storageDir);
  const files = await makeFilesOf(kernel.path, deps.storageDir, id);
  await keepPrompt(files, prompt);
  await kernel.write((u) => {
    leaveQueue(u, id);
    const kept = { ...request, prompt: { file: files.prompt } };
    enqueue(u, { id, ...(run === null ? {} : { runId: run }), projectDir, request: kept, queuedAtMs });
  });
}

/** Its files belong to the existing dispatch. */
function refuseStarted(kernel: DispatchKernel, id: string): void {
  if (kernel.read((r) => findDispatch(r, id)) === undefined) return;
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'id',
    problem: because('there is a dispatch {id} already', { id }),
  });
}

/** Removes the queued prompt from all storage folders except `keep`. */
export async function forgetPrompt(deps: QueueingDeps, id: string, keep?: string): Promise<void> {
  for (const storage of storagesOf(deps)) {
    if (queuedPrompt(storage, id) !== keep) await removeDispatchFiles([storage], id);
  }
}

/**
 * Checks that the paths of a dispatch that came with the project's record stay inside the project, for a person who
 * starts it.
 * @throws KernelError `RECORDED_ELSEWHERE`
 */
export async function refuseElsewhere(
  deps: QueueingDeps,
  kernel: DispatchKernel,
  queued: QueuedDispatch,
): Promise<void> {
  if (isQueuedIn(storagesOf(deps), queued)) return;
  const { projectDir, request } = queued;
  for (const claim of [projectDir, request.prompt.file, request.outputFile]) {
    if (typeof claim !== 'string') continue;
    const file = path.resolve(projectDir, claim);
    if ((await insideFolder(kernel.folder, file)) === undefined) {
      throw new KernelError('RECORDED_ELSEWHERE', { path: file });
    }
  }
}

/** An agent needs an active run: work for a finished run would not count. */
function refuseEnded({ id, status }: { id: string; status: string }): void {
  if (status !== 'active') throw new KernelError('RUN_TERMINAL', { runId: id, status });
}
