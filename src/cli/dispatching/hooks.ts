/**
 * Announces moves of runs and dispatches: a line with `--verbose`, and the project's hook
 * (`docs/design/formats.md#hooks`).
 */
import path from 'node:path';
import { systemClock } from '../../host/clock';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { Run } from '../../kernel/run/record/model';
import { runHook, type HookEvent } from '../../services/consent/hooks';
import type { CliContext } from '../command/command';
import { rfc3339 } from '../grammar/timestamps';

export interface Moved {
  readonly type: string;
  readonly fromState: string;
  readonly toState: string;
  readonly reason: string;
}

/** Announces a dispatch that this command moved; does nothing if its status is unchanged. */
export async function announceDispatch(context: CliContext, dispatch: Dispatch, before: string): Promise<void> {
  if (dispatch.status === before) return;
  await publish(context, dispatch.projectDir, {
    runId: dispatch.scopeId ?? '',
    source: 'dispatch',
    type: 'status_change',
    fromState: before,
    toState: dispatch.status,
    reason: dispatch.errorMessage ?? '',
  });
}

/** Announces a run that moved, or tried to. */
export async function announce(context: CliContext, run: Run, moved: Moved): Promise<void> {
  await publish(context, run.projectDir, { runId: run.id, source: 'phase', ...moved });
}

/** Prints the result first, so that a slow hook delays the end of the process but not its answer. */
async function publish(context: CliContext, projectDir: string, event: Omit<HookEvent, 'timestamp'>): Promise<void> {
  const { cwd, flags, out } = context;
  await out.answer();
  if (flags.verbose) {
    const { source, type, runId, fromState, toState } = event;
    const reason = event.reason === '' ? '' : ` reason=${JSON.stringify(event.reason)}`;
    out.note(`[event] source=${source} type=${type} run=${runId} from=${fromState} to=${toState}${reason}`);
  }
  const nowMs = systemClock.nowMs();
  const fraction = String((nowMs % 1000) / 1000).slice(2);
  // A portfolio has no folder of its own; a relative one is resolved from the working directory (Q12).
  const folder = path.resolve(cwd, projectDir);
  const problem = await runHook(folder, { ...event, timestamp: rfc3339(nowMs, fraction) }, context.env);
  if (problem !== undefined) out.note(`[event] ${problem}`);
}
