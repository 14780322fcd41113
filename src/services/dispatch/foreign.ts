/** Dispatches that another program made: all that is known of their process is a pid (`spec/kernel.md` §4.3–4.5). */
import { readFile } from 'node:fs/promises';
import { endGroup } from '../../host/process';
import { signalReaches, startedAround } from '../../host/processIdentity';
import type { Dispatch, DispatchEnding } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors';
import { verdictInFile } from '../agents/verdict';

/**
 * How a dispatch ended whose process has gone, or undefined while it is there. Asked for by the user only: the pid may
 * be one of another machine or container. The exit code is unknown and stays so.
 */
export async function foreignEnding(dispatch: Dispatch): Promise<DispatchEnding | undefined> {
  if (dispatch.pid === null || signalReaches(dispatch.pid)) return undefined;
  const text = dispatch.verdictFile === null ? '' : await readFile(dispatch.verdictFile, 'utf8').catch(() => '');
  const verdict = verdictInFile(text);
  const passed = verdict?.status === 'pass' || verdict?.status === 'warn';
  return {
    ...(passed
      ? { status: 'completed' }
      : { status: 'failed', errorMessage: 'process of another program gone; its exit code is unknown' }),
    ...(verdict === undefined ? {} : { verdictStatus: verdict.status }),
    ...(verdict?.summary === undefined ? {} : { verdictSummary: verdict.summary }),
  };
}

/**
 * Ends the process, if it still is the one that was recorded.
 * @throws KernelError `PROCESS_UNKNOWN` where the pid is in use but nothing shows that it is the agent's.
 */
export async function endForeign(dispatch: Dispatch, graceMs: number): Promise<void> {
  const { pid, startedAt } = dispatch;
  if (pid === null || !signalReaches(pid)) return;
  if (startedAt === null || !(await startedAround(pid, startedAt * 1000)) || !signalReaches(-pid)) {
    const problem = 'another program recorded it, and nothing shows that the process is still that one';
    throw new KernelError('PROCESS_UNKNOWN', { dispatchId: dispatch.id, pid, problem });
  }
  await endGroup(pid, graceMs);
}
