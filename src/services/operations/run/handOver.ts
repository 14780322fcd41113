/**
 * Hands the work of a dispatch over to an agent of another kind (`docs/design/sessions.md#handing-over`). The earlier
 * agent is ended first, because two agents in one folder would overwrite each other's work.
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { isActive } from '../../../kernel/dispatch/machine';
import { activeDispatches, dispatchProcess, getDispatch } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { isOfAttempt } from '../../../kernel/tasks/subtask/agentRuns';
import { refuseScriptKind } from '../../agents/builtInKinds';
import { readable } from '../../attention/items/readable';
import { earlierWork } from '../../dispatch/follow/earlierWork';
import { handOverPrompt } from '../../dispatch/follow/handOverPrompt';
import type { FolderHost } from '../host';
import type { Implementation } from '../implementation';
import { earlierPrompt } from './earlierPrompt';
import { continued } from './sessions';

export const handOverOperations: Pick<Implementation<'dispatches'>, 'dispatches.handOver'> = {
  'dispatches.handOver': async (host, { dispatchId, kind }) => {
    refuseScriptKind(kind);
    const { kernel, dispatcher } = host;
    const before = kernel.read((r) => getDispatch(r, dispatchId));
    if (kernel.read((r) => readable(r, () => isOfAttempt(r, dispatchId), false))) throw ofTask();
    const prompt = await earlierPrompt(host, before);
    // The model is one of the earlier kind.
    const { model: _, ...request } = continued(kernel, dispatchId);
    const folder = request.cwd ?? kernel.folder;
    refuseSecondAgent(host, dispatchId, folder);
    // Whatever refuses the start must do so before the earlier agent is ended.
    await dispatcher.refuseForbidden(kernel, { ...request, kind, prompt });
    await dispatcher.refuseHeldAccount(kind);
    await dispatcher.refuseMissingPrograms(kind);
    await dispatcher.kill(kernel, dispatchId, storedReason('handed over to {kind}', { kind }));
    const ended = await dispatcher.wait(kernel, dispatchId, host.stopped);
    const { git } = host.taskServices;
    const work = await earlierWork({ kernel, dispatcher, git, log: host.log }, ended, folder, isActive(before.status));
    // Another window may have handed it over meanwhile.
    refuseSecondAgent(host, dispatchId, folder);
    return await dispatcher.start(kernel, {
      ...request,
      kind,
      prompt: handOverPrompt(prompt, work),
      parentId: dispatchId,
    });
  },
};

/** Its next attempt would work in the same worktree. */
function ofTask(): KernelError {
  return new KernelError('INVALID_ARGUMENT', {
    argument: 'dispatchId',
    problem: because('it is an attempt at a task: hand over its subtask or its plan'),
  });
}

/** @throws KernelError `INVALID_ARGUMENT` where the work was handed over or continued already */
function refuseSecondAgent({ kernel }: FolderHost, dispatchId: string, cwd: string): void {
  const other = kernel.read((r) =>
    activeDispatches(r).find(
      ({ id, parentId }) => parentId === dispatchId && (dispatchProcess(r, id)?.cwd ?? cwd) === cwd,
    ),
  );
  if (other === undefined) return;
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'dispatchId',
    problem: because('dispatch {id}, which it started or which continues it, is still running in its folder', {
      id: other.id,
    }),
  });
}
