/** A small pure model of a run, written from the specification alone, to compare the kernel with. */
import type { RunStatus } from '../../../src/kernel/run/record/model';

/** Part of the default chain, so that its artifact gates apply; the last step has no rules. */
export const MODEL_CHAIN = ['brainstorm', 'brainstorm-reviewed', 'strategized', 'planned', 'done'] as const;

export interface ModelRun {
  readonly status: RunStatus;
  readonly at: number;
  readonly autoAdvance: boolean;
  readonly skipped: ReadonlySet<number>;
  /** Phases with an active artifact. */
  readonly artifacts: ReadonlySet<number>;
}

export type ModelCommand =
  | { readonly kind: 'advance'; readonly tier: 'hard' | 'soft' | 'none'; readonly withReason: boolean }
  | { readonly kind: 'skip' | 'rollback' | 'artifact'; readonly phase: number }
  | { readonly kind: 'set'; readonly autoAdvance: boolean }
  | { readonly kind: 'override' | 'cancel' };

export interface ModelStep {
  readonly run: ModelRun;
  /** The event written, or the code of the refusal. */
  readonly said: string;
}

export const NEW_MODEL_RUN: ModelRun = {
  status: 'active',
  at: 0,
  autoAdvance: true,
  skipped: new Set(),
  artifacts: new Set(),
};

const LAST = MODEL_CHAIN.length - 1;

/** What a command makes of a run. */
export function step(run: ModelRun, command: ModelCommand): ModelStep {
  switch (command.kind) {
    case 'artifact':
      return { run: { ...run, artifacts: new Set([...run.artifacts, command.phase]) }, said: 'artifact' };
    case 'set':
      return { run: { ...run, autoAdvance: command.autoAdvance }, said: 'set' };
    case 'rollback':
      return rollback(run, command.phase);
    case 'cancel':
      return run.status === 'active' ? { run: { ...run, status: 'cancelled' }, said: 'cancel' } : terminal(run);
    case 'override':
      return run.status === 'active' ? enter(run, run.at + 1, 'override') : terminal(run);
    case 'skip':
      return skip(run, command.phase);
    case 'advance':
      return advance(run, command.tier, command.withReason);
  }
}

function terminal(run: ModelRun): ModelStep {
  return { run, said: 'RUN_TERMINAL' };
}

function enter(run: ModelRun, at: number, said: string): ModelStep {
  return { run: { ...run, at, status: at === LAST ? 'completed' : 'active' }, said };
}

function rollback(run: ModelRun, to: number): ModelStep {
  if (to >= run.at) return { run, said: 'PHASE_NOT_BEHIND' };
  if (run.status === 'cancelled' || run.status === 'failed') return terminal(run);
  const artifacts = new Set([...run.artifacts].filter((phase) => phase <= to || phase > run.at));
  return { run: { ...run, at: to, status: 'active', artifacts }, said: 'rollback' };
}

function skip(run: ModelRun, phase: number): ModelStep {
  if (run.status !== 'active') return terminal(run);
  if (phase <= run.at) return { run, said: 'PHASE_NOT_AHEAD' };
  if (phase === LAST) return { run, said: 'PHASE_NOT_SKIPPABLE' };
  return { run: { ...run, skipped: new Set([...run.skipped, phase]) }, said: 'skip' };
}

function advance(run: ModelRun, tier: string, withReason: boolean): ModelStep {
  if (run.status !== 'active') return terminal(run);
  let to = run.at + 1;
  while (to < LAST && run.skipped.has(to)) to++;
  if (!run.autoAdvance && !withReason) return { run, said: 'pause' };
  const guarded = to === run.at + 1 && to !== LAST;
  if (tier === 'hard' && guarded && !run.artifacts.has(run.at)) return { run, said: 'block' };
  return enter(run, to, 'advance');
}
