/** The items of a record by run, so that a change of one run checks only that run (`docs/design/editor.md#changes`). */
import type { AttentionItem } from '../../contract/results/attention';
import type { ProjectId } from '../../kernel/ids';
import { limitedRuns } from '../../kernel/budget/budgetState';
import { blockedRuns } from '../../kernel/gate/service';
import { findRun } from '../../kernel/run/record/queries';
import { STATE_KEYS } from '../../kernel/state/keys';
import { listStateScopes } from '../../kernel/state/service';
import type { Reader } from '../../kernel/unit';
import { openTaskRuns, taskOfRun } from '../../kernel/tasks/service';
import { itemOf } from './items/item';
import { readable } from './items/readable';
import { runFindings, type GateView } from './items/runItems';
import { taskItems, waitsForAgents } from './items/taskItems';

/** Of one run and its task. */
export interface RunNeeds {
  readonly items: readonly AttentionItem[];
  /** The project of this run's task, if the task has work for agents. */
  readonly waits: ProjectId | undefined;
  /** Whether changes of other runs may add or remove items. */
  readonly readsOtherRecords: boolean;
}

/** All runs that may have items; runs without items may be included. */
export function runsInQuestion(r: Reader): ReadonlySet<string> {
  return new Set<string>([
    ...readable(r, () => listStateScopes(r, STATE_KEYS.overrideAsked), []),
    ...readable(r, () => blockedRuns(r), []).map(({ runId }) => runId),
    ...readable(r, () => limitedRuns(r), []),
    ...readable(r, () => openTaskRuns(r), []),
  ]);
}

/** The runs and their parents: children also use their parent's budget. */
export function withParents(r: Reader, runIds: Iterable<string>): string[] {
  return [...runIds].flatMap((id) => {
    const parent = readable(r, () => findRun(r, id), undefined)?.parentRunId ?? undefined;
    return parent === undefined ? [id] : [id, parent];
  });
}

/** Undefined for a run without items that gets none without a change of its own. */
export function needsOf(r: Reader, runId: string, folder: string, gates: GateView): RunNeeds | undefined {
  const run = readable(r, () => findRun(r, runId), undefined);
  if (run?.status !== 'active') return undefined;
  const { cases, readsOtherRecords } = runFindings(r, run, gates);
  const task = readable(r, () => taskOfRun(r, run.id), undefined);
  const ofTask = task === undefined ? [] : readable(r, () => taskItems(r, task), []);
  const waits = task !== undefined && waitsForAgents(task) ? task.projectId : undefined;
  const items = [...cases, ...ofTask].map((found) => itemOf(folder, found));
  return items.length === 0 && waits === undefined && !readsOtherRecords
    ? undefined
    : { items, waits, readsOtherRecords };
}
