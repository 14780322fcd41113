/**
 * Hands the work of a dispatch over to an agent of another kind (`docs/design/sessions.md#handing-over`). The earlier
 * agent is ended first, because two agents in one folder would overwrite each other's work.
 */
import { readFile } from 'node:fs/promises';
import { readFailure } from '../../../host/files/fileErrors';
import { redact } from '../../../host/git/redaction';
import { parseStatus, STATUS_FLAGS } from '../../../host/git/statusOutput';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { activeDispatches, dispatchProcess, getDispatch } from '../../../kernel/dispatch/service';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/problem';
import { isOfAttempt } from '../../../kernel/tasks/subtask/agentRuns';
import { readable } from '../../attention/items/readable';
import { withTranscript } from '../../dispatch/follow/dispatchTranscript';
import { ownLog } from '../../dispatch/follow/logLocation';
import { promptToOpen } from '../../dispatch/start/promptLocation';
import type { FolderHost } from '../host';
import type { Implementation } from '../implementation';
import { handOverPrompt, type HandOverFacts } from './handOverPrompt';
import { continued } from './sessions';

const MOST_COMMITS = 200;

export const handOverOperations: Pick<Implementation<'dispatches'>, 'dispatches.handOver'> = {
  'dispatches.handOver': async (host, { dispatchId, kind }) => {
    const { kernel, dispatcher } = host;
    const before = kernel.read((r) => getDispatch(r, dispatchId));
    if (kernel.read((r) => readable(r, () => isOfAttempt(r, dispatchId), false))) throw ofTask();
    const prompt = await promptOf(host, before);
    // The model is one of the earlier kind.
    const { model: _, ...request } = continued(kernel, dispatchId);
    const folder = request.cwd ?? kernel.folder;
    refuseSecondAgent(host, dispatchId, folder);
    // Whatever refuses the start must do so before the earlier agent is ended.
    await dispatcher.refuseForbidden(kernel, { ...request, kind, prompt });
    await dispatcher.refuseHeldAccount(kind);
    await dispatcher.kill(kernel, dispatchId, `handed over to ${kind}`);
    const ended = await dispatcher.wait(kernel, dispatchId, host.stopped);
    const facts: HandOverFacts = {
      prompt,
      kind: before.agentType,
      ending: {
        status: ended.status,
        error: isActive(before.status) || ended.errorMessage === null ? null : redact(ended.errorMessage),
        verdict: verdictOf(ended),
        isStopped: isActive(before.status),
      },
      ...(await gitFacts(host, folder, ended)),
      ...(await saidBy(host, ended)),
    };
    // Another window may have handed it over meanwhile.
    refuseSecondAgent(host, dispatchId, folder);
    return await dispatcher.start(kernel, { ...request, kind, prompt: handOverPrompt(facts), parentId: dispatchId });
  },
};

/** Its next attempt would work in the same worktree. */
function ofTask(): KernelError {
  return new KernelError('INVALID_ARGUMENT', {
    argument: 'dispatchId',
    problem: because(
      'it is an attempt at a task, whose agents have the kinds of intercore.tasks.planner and intercore.tasks.worker',
    ),
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

/** @throws KernelError `NOT_FOUND`, `RECORDED_ELSEWHERE`, `FILE_UNREADABLE` */
async function promptOf({ kernel, dispatcher }: FolderHost, dispatch: Dispatch): Promise<string> {
  const file = await promptToOpen(dispatcher.storages, kernel.folder, dispatch);
  if (file === undefined) throw new KernelError('NOT_FOUND', { what: 'prompt of dispatch', id: dispatch.id });
  if ((await dispatcher.alteredFiles(kernel, dispatch.id)).includes('prompt')) {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: because('it was changed after it was sent') });
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw readFailure(file, error);
  }
}

function verdictOf({ verdictStatus, verdictSummary }: Dispatch): string | null {
  const parts = [verdictStatus, verdictSummary].filter((part) => part !== null);
  return parts.length === 0 ? null : redact(parts.join('\n'));
}

/** The earlier agent has ended already, so a folder without git prevents nothing. */
async function gitFacts(
  { taskServices: { git }, log }: FolderHost,
  cwd: string,
  { startedAt, createdAt }: Dispatch,
): Promise<Pick<HandOverFacts, 'commits' | 'changed'>> {
  const since = new Date((startedAt ?? createdAt) * 1000).toISOString();
  try {
    const folder = await git.places.gitFolder(cwd);
    const commits = await git.run(folder, [
      'log',
      `--max-count=${MOST_COMMITS}`,
      `--since=${since}`,
      '--numstat',
      '--format=%h %s',
    ]);
    const status = await git.run(folder, ['status', ...STATUS_FLAGS, '--untracked-files=all']);
    return { commits: redact(commits), changed: parseStatus(status).map(({ kind, path }) => `${kind}: ${path}`) };
  } catch (error) {
    log.info('work of a dispatch not listed by git', { folder: cwd, problem: problemOf(error) });
    return { commits: null, changed: null };
  }
}

async function saidBy(
  { kernel, dispatcher, log }: FolderHost,
  dispatch: Dispatch,
): Promise<Pick<HandOverFacts, 'plan' | 'message'>> {
  try {
    const file = ownLog(await dispatcher.logLocation(kernel, dispatch.id));
    return await withTranscript(dispatch, file, dispatcher.kinds(), (transcript) => {
      let message: string | null = null;
      for (let index = (transcript?.count ?? 0) - 1; index >= 0 && message === null; index -= 1) {
        const entry = transcript?.at(index);
        if (entry?.kind === 'message' && entry.by === null) message = redact(entry.text);
      }
      return Promise.resolve({ plan: transcript?.plan?.steps ?? [], message });
    });
  } catch (error) {
    log.info('transcript of a dispatch not read', { dispatch: dispatch.id, problem: problemOf(error) });
    return { plan: [], message: null };
  }
}
