/** Where each phase of a run stands. */
import type { Run } from '../../../kernel/run/record/model';
import { enteredPhases, skippedPhases } from '../../../kernel/run/record/queries';
import { countArtifacts } from '../../../kernel/tracking/service';
import { isBlocked, type FolderRecord } from './folderRecord';

/** The state of a phase in its run. `stopped`: the run was cancelled or failed in it. */
export type PhaseState = 'done' | 'skipped' | 'current' | 'blocked' | 'stopped' | 'upcoming';

export interface PhaseFacts {
  readonly phase: string;
  readonly state: PhaseState;
  /** How many it has, rolled back ones included. */
  readonly artifacts: number;
}

/** The phases in order. A phase that the chain does not know stands before it, so that the run is seen to be somewhere. */
export function phaseStates(record: FolderRecord, run: Run): PhaseFacts[] {
  const { skipped, entered, artifacts } = record.read((r) => ({
    skipped: skippedPhases(r, run.id),
    entered: enteredPhases(r, run.id),
    artifacts: countArtifacts(r, run.id),
  }));
  const chain = run.phases.includes(run.phase) ? run.phases : [run.phase, ...run.phases];
  return chain.map((phase) => ({
    phase,
    state: stateOf(record, run, phase, skipped.has(phase) && !entered.has(phase)),
    artifacts: artifacts.get(phase) ?? 0,
  }));
}

function stateOf(record: FolderRecord, run: Run, phase: string, isSkipped: boolean): PhaseState {
  if (phase === run.phase) {
    if (run.status === 'completed') return 'done';
    if (run.status !== 'active') return 'stopped';
    return isBlocked(record.gate(run)) ? 'blocked' : 'current';
  }
  if (isSkipped) return 'skipped';
  return run.phases.indexOf(phase) < run.phases.indexOf(run.phase) ? 'done' : 'upcoming';
}
