/**
 * The work of an agent that another one continues (`docs/design/sessions.md#handing-over`): how it ended, its commits
 * and changed files, its plan and its last message. Whatever cannot be read is left out.
 */
import type { Git } from '../../../host/git/git';
import { redact } from '../../../host/git/redaction';
import { parseStatus, STATUS_FLAGS } from '../../../host/git/statusOutput';
import type { Log } from '../../../host/log';
import type { AgentKind } from '../../../contract/agentKinds';
import type { PlanStep } from '../../../contract/transcript';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { problemOf } from '../../../kernel/errors/errors';
import type { DispatchKernel } from '../../record/dispatchKernel';
import { withTranscript } from './dispatchTranscript';
import { ownLog, type LogLocation } from './logLocation';

export interface EarlierWork {
  /** The agent kind. */
  readonly kind: string;
  readonly ending: {
    readonly status: string;
    readonly error: string | null;
    readonly verdict: string | null;
    /** It was ended so that another one can continue. */
    readonly isStopped: boolean;
  };
  /** Commits since it started, newest first, with the changed lines of each file; null if git could not list them. */
  readonly commits: string | null;
  /** Files with changes that are not committed; null if git could not list them. */
  readonly changed: readonly string[] | null;
  readonly plan: readonly PlanStep[];
  /** Its last message. */
  readonly message: string | null;
}

interface Deps {
  readonly kernel: DispatchKernel;
  readonly dispatcher: {
    kinds(): readonly AgentKind[];
    logLocation(kernel: DispatchKernel, dispatchId: string): Promise<LogLocation>;
  };
  readonly git: Git;
  readonly log: Log;
}

const MOST_COMMITS = 200;

/** @param isStopped whether it was ended so that another one can continue */
export async function earlierWork(deps: Deps, ended: Dispatch, cwd: string, isStopped: boolean): Promise<EarlierWork> {
  const { agentType: kind, status, errorMessage } = ended;
  const error = isStopped || errorMessage === null ? null : redact(errorMessage);
  return {
    kind,
    ending: { status, error, verdict: verdictOf(ended), isStopped },
    ...(await gitFacts(deps, cwd, ended)),
    ...(await saidBy(deps, ended)),
  };
}

function verdictOf({ verdictStatus, verdictSummary }: Dispatch): string | null {
  const parts = [verdictStatus, verdictSummary].filter((part) => part !== null);
  return parts.length === 0 ? null : redact(parts.join('\n'));
}

async function gitFacts(
  { git, log }: Deps,
  cwd: string,
  { startedAt, createdAt }: Dispatch,
): Promise<Pick<EarlierWork, 'commits' | 'changed'>> {
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
  { kernel, dispatcher, log }: Deps,
  dispatch: Dispatch,
): Promise<Pick<EarlierWork, 'plan' | 'message'>> {
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
