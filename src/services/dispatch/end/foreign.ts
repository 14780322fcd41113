/**
 * Dispatches without files in our storage: another program created them, or a record claims so. Only a pid in a row is
 * known of their process, which proves nothing, so no signal is ever sent (`docs/design/trust.md`).
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import os from 'node:os';
import { signalReaches } from '../../../host/locks/signalReach';
import { readSmallFile } from '../../../host/files/smallFile';
import { insideFolder } from '../../../host/trusted/insideFolder';
import type { Dispatch, DispatchEnding } from '../../../kernel/dispatch/model';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { defined } from '../../../kernel/defined';
import { verdictInFile } from '../../agents/output/verdict';

/**
 * The ending of a dispatch whose process is gone; undefined while the process exists. Only for a person's request: the
 * pid may belong to another machine or container. The exit code stays unknown.
 */
export async function foreignEnding(dispatch: Dispatch, folder: string): Promise<DispatchEnding | undefined> {
  if (dispatch.pid === null || isThere(dispatch.pid)) return undefined;
  const verdict = verdictInFile((await leftText(dispatch.verdictFile, folder)) ?? '');
  const summaryFile = dispatch.outputFile === null ? null : `${dispatch.outputFile}.summary`;
  const tokens = tokensInSummary((await leftText(summaryFile, folder)) ?? '');
  const passed = verdict?.status === 'pass' || verdict?.status === 'warn';
  return {
    ...(passed
      ? { status: 'completed' }
      : { status: 'failed', errorMessage: storedReason('process of another program gone; its exit code is unknown') }),
    ...defined({ verdictStatus: verdict?.status, verdictSummary: verdict?.summary, progress: tokens }),
  };
}

/** @throws KernelError `PROCESS_UNKNOWN` if a process has the pid: nothing proves that it is the agent's. */
export function refuseForeign({ id, pid }: Dispatch): void {
  if (pid === null || !isThere(pid)) return;
  const problem = because('Intercore did not start it, and the record alone does not show which process it is');
  throw new KernelError('PROCESS_UNKNOWN', { dispatchId: id, pid, problem });
}

/** The original leaves its files in the project, or in the temporary directory by default. */
async function leftText(claim: string | null, folder: string): Promise<string | undefined> {
  if (claim === null) return undefined;
  for (const root of [folder, os.tmpdir()]) {
    const file = await insideFolder(root, claim);
    if (file !== undefined) return await readSmallFile(file);
  }
  return undefined;
}

/** Parses the first line of the original's summary that starts with `Tokens: `: `1200 in / 340 out`. */
function tokensInSummary(text: string): { readonly inputTokens: number; readonly outputTokens: number } | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith('Tokens: '));
  const [, input, output] = /^Tokens: (\d{1,15}) in \/ (\d{1,15}) out\s*$/.exec(line ?? '') ?? [];
  return input === undefined ? undefined : { inputTokens: Number(input), outputTokens: Number(output) };
}

function isThere(pid: number): boolean {
  return pid > 1 && signalReaches(pid);
}
