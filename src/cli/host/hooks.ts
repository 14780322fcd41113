/**
 * After a run or a dispatch has moved: the verbose log line and the project's hook (`docs/design/formats.md#hooks`).
 */
import path from 'node:path';
import { systemClock } from '../../host/clock';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { Run } from '../../kernel/run/record/model';
import { runHook, type HookEvent } from '../../services/consent/hooks';
import type { CliContext } from '../command';
import { rfc3339 } from '../grammar/timestamps';

export interface Moved {
  readonly type: string;
  readonly fromState: string;
  readonly toState: string;
  readonly reason: string;
}

/** Reports a dispatch that this command moved; nothing if its status has not changed. */
export async function announceDispatch(context: CliContext, dispatch: Dispatch, before: string): Promise<void> {
  if (dispatch.status === before) return;
  await report(context, dispatch.projectDir, {
    runId: dispatch.scopeId ?? '',
    source: 'dispatch',
    type: 'status_change',
    fromState: before,
    toState: dispatch.status,
    reason: dispatch.errorMessage ?? '',
  });
}

/** Reports a run that moved, or tried to. */
export async function announce(context: CliContext, run: Run, moved: Moved): Promise<void> {
  await report(context, run.projectDir, { runId: run.id, source: 'phase', ...moved });
}

/** Prints the result first, so that a slow hook delays the process's end but not its answer. */
async function report(context: CliContext, projectDir: string, event: Omit<HookEvent, 'timestamp'>): Promise<void> {
  const { cwd, flags, out } = context;
  await out.answer();
  if (flags.verbose) {
    const { source, type, runId, fromState, toState } = event;
    const reason = event.reason === '' ? '' : ` reason=${JSON.stringify(event.reason)}`;
    out.note(`[event] source=${source} type=${type} run=${runId} from=${fromState} to=${toState}${reason}`);
  }
  const nowMs = systemClock.nowMs();
  const fraction = String((nowMs % 1000) / 1000).slice(2);
  // A portfolio has no folder of its own, and a relative one is meant from where we are (Q12).
  const folder = path.resolve(cwd, projectDir);
  const problem = await runHook(folder, { ...event, timestamp: rfc3339(nowMs, fraction) }, context.env);
  if (problem !== undefined) out.note(`[event] ${problem}`);
}
