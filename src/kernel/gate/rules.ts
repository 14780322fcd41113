/** The rule table (`docs/design/formats.md#gate-rules`). Data, so that the table can be listed and extended. */
import type { Run } from '../run/record/model';
import type { GateRule, GateTier, TransitionRules } from './model';

/**
 * Keyed by the exact pair of phase names, in any chain that has both; in the order of the default chain. Other pairs
 * have no rules of their own.
 */
export const RULE_TABLE: readonly TransitionRules[] = [
  artifactRule('brainstorm', 'brainstorm-reviewed'),
  artifactRule('brainstorm-reviewed', 'strategized'),
  artifactRule('strategized', 'planned'),
  artifactRule('planned', 'executing'),
  { fromPhase: 'executing', toPhase: 'review', rules: [{ check: 'agents_complete' }] },
  { fromPhase: 'review', toPhase: 'polish', rules: [{ check: 'verdict_exists' }] },
  artifactRule('reflect', 'done'),
];

/** Leaving a phase requires an artifact of that phase. */
function artifactRule(fromPhase: string, toPhase: string): TransitionRules {
  return { fromPhase, toPhase, rules: [{ check: 'artifact_exists', phase: fromPhase }] };
}

/** What leaving a phase requires of a run that a task owns (`docs/design/architecture.md#one-domain`). */
const TASK_RULES: ReadonlyMap<string, GateRule> = new Map([
  ['planned', { check: 'plan_accepted' }],
  ['executing', { check: 'subtasks_merged' }],
]);

/** The owners of a run. */
export interface Belonging {
  /** To a portfolio. */
  readonly isChild: boolean;
  readonly isOfTask: boolean;
}

/**
 * The rules of a transition of a run: those of the table, then for a portfolio that its children have reached the
 * phase, for a child that its upstream projects have, and for a task's run that the task has.
 */
export function rulesFor(run: Run, toPhase: string, { isChild, isOfTask }: Belonging): readonly GateRule[] {
  const table = RULE_TABLE.find((row) => row.fromPhase === run.phase && row.toPhase === toPhase)?.rules ?? [];
  const ofTask = isOfTask ? TASK_RULES.get(run.phase) : undefined;
  return [
    ...table,
    ...(run.projectDir === '' ? [{ check: 'children_at_phase', phase: toPhase } as const] : []),
    ...(isChild ? [{ check: 'upstreams_at_phase', phase: toPhase } as const] : []),
    ...(ofTask === undefined ? [] : [ofTask]),
  ];
}

/** The table, or its rows of one phase. */
export function gateRules(fromPhase?: string): readonly TransitionRules[] {
  return RULE_TABLE.filter((row) => fromPhase === undefined || row.fromPhase === fromPhase);
}

/**
 * How strict a gate is for a caller's priority (`docs/design/formats.md#gates`): 1 and below `hard`, 2 and 3 `soft`, 4
 * and above `none`.
 */
export function tierForPriority(priority: number): GateTier {
  if (priority <= 1) return 'hard';
  return priority <= 3 ? 'soft' : 'none';
}
