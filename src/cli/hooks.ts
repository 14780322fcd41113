/** After a run has moved: the verbose log line and the project's hook (`spec/kernel.md` §7.5). */
import { systemClock } from '../host/clock';
import type { Run } from '../kernel/run/model';
import { runHook } from '../services/hooks';
import type { CliContext } from './command';
import { rfc3339 } from './timestamps';

export interface Moved {
  readonly type: string;
  readonly fromState: string;
  readonly toState: string;
  readonly reason: string;
}

/** Prints the result first, so that a slow hook delays the process's end but not its answer. */
export async function announce(context: CliContext, run: Run, moved: Moved): Promise<void> {
  await context.out.flush();
  if (context.flags.verbose) {
    const reason = moved.reason === '' ? '' : ` reason=${JSON.stringify(moved.reason)}`;
    context.out.note(
      `[event] source=phase type=${moved.type} run=${run.id} from=${moved.fromState} to=${moved.toState}${reason}`,
    );
  }
  const folder = run.projectDir === '' ? context.cwd : run.projectDir;
  const nowMs = systemClock.nowMs();
  const milliseconds = String(nowMs % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  const problem = await runHook(folder, {
    runId: run.id,
    source: 'phase',
    timestamp: rfc3339(nowMs, milliseconds),
    ...moved,
  });
  if (problem !== undefined) context.out.note(`[event] ${problem}`);
}
