/** The words and icons for states. An icon's shape differs from state to state; color only repeats it. */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { DispatchStatus } from '../../kernel/dispatch/model';
import type { GateCheck, GateConditionResult } from '../../kernel/gate/model';
import { PHASE_EVENT_TYPES, type PhaseEventType, type RunStatus } from '../../kernel/run/record/model';
import type { AgentStatus } from '../../kernel/tracking/model';
import type { Localizer } from '../rows/localizer';
import type { Icon } from '../rows/row';
import type { PhaseState } from './record/phaseStates';

const GOOD = 'testing.iconPassed';
const BAD = 'testing.iconFailed';
const WARNING = 'list.warningForeground';
const DIM = 'disabledForeground';

export const RUN_ICONS: Readonly<Record<RunStatus | 'blocked' | 'manual' | 'portfolio', Icon>> = {
  active: { id: 'play-circle' },
  blocked: { id: 'lock', color: WARNING },
  manual: { id: 'debug-pause' },
  portfolio: { id: 'type-hierarchy' },
  completed: { id: 'pass', color: GOOD },
  cancelled: { id: 'circle-slash', color: DIM },
  failed: { id: 'error', color: BAD },
};

export const PHASE_ICONS: Readonly<Record<PhaseState, Icon>> = {
  done: { id: 'check', color: GOOD },
  skipped: { id: 'debug-step-over', color: DIM },
  current: { id: 'arrow-circle-right' },
  blocked: { id: 'lock', color: WARNING },
  stopped: { id: 'circle-slash', color: DIM },
  upcoming: { id: 'circle-outline', color: DIM },
};

export const DISPATCH_ICONS: Readonly<Record<DispatchStatus, Icon>> = {
  spawned: { id: 'loading~spin' },
  running: { id: 'sync~spin' },
  completed: { id: 'pass', color: GOOD },
  failed: { id: 'error', color: BAD },
  timeout: { id: 'watch', color: WARNING },
  cancelled: { id: 'circle-slash', color: DIM },
};

export const AGENT_ICONS: Readonly<Record<AgentStatus, Icon>> = {
  active: { id: 'hubot' },
  completed: { id: 'pass', color: GOOD },
  failed: { id: 'error', color: BAD },
};

export const CONDITION_ICONS: Readonly<Record<GateConditionResult['result'], Icon>> = {
  pass: { id: 'pass', color: GOOD },
  fail: { id: 'circle-large-outline', color: WARNING },
};

const EVENT_ICONS: Readonly<Record<PhaseEventType, Icon>> = {
  advance: { id: 'arrow-right' },
  skip: { id: 'debug-step-over' },
  pause: { id: 'debug-pause' },
  block: { id: 'lock' },
  cancel: { id: 'circle-slash' },
  set: { id: 'settings-gear' },
  rollback: { id: 'discard' },
  override: { id: 'unlock' },
};

export function isPhaseEventType(type: string): type is PhaseEventType {
  return (PHASE_EVENT_TYPES as readonly string[]).includes(type);
}

/** Programs that know more than we do write other types (`docs/design/formats.md#events`). */
export function eventIcon(type: string): Icon {
  return isPhaseEventType(type) ? EVENT_ICONS[type] : { id: 'symbol-event' };
}

/** The words for states in the editor's language. */
export class Words {
  constructor(private readonly l10n: Localizer) {}

  run(status: RunStatus): string {
    const { l10n } = this;
    return {
      active: l10n.t('active'),
      completed: l10n.t('completed'),
      cancelled: l10n.t('cancelled'),
      failed: l10n.t('failed'),
    }[status];
  }

  dispatch(status: DispatchStatus): string {
    const { l10n } = this;
    return {
      spawned: l10n.t('starting'),
      running: l10n.t('running'),
      completed: l10n.t('completed'),
      failed: l10n.t('failed'),
      timeout: l10n.t('stopped at its time limit'),
      cancelled: l10n.t('cancelled'),
    }[status];
  }

  agent(status: AgentStatus): string {
    const { l10n } = this;
    return {
      active: l10n.t('active'),
      completed: l10n.t('completed'),
      failed: l10n.t('failed'),
    }[status];
  }

  phase(state: PhaseState): string {
    const { l10n } = this;
    return {
      done: l10n.t('done'),
      skipped: l10n.t('skipped'),
      current: l10n.t('current phase'),
      blocked: l10n.t('current phase, gate blocked'),
      stopped: l10n.t('the run stopped here'),
      upcoming: l10n.t('to come'),
    }[state];
  }

  /** What happened to a run or a dispatch, by the stored type of the event; other programs write further types. */
  event(type: string): string {
    const { l10n } = this;
    const names: Readonly<Record<PhaseEventType, string>> = {
      advance: l10n.t('advance'),
      skip: l10n.t('skip'),
      pause: l10n.t('pause'),
      block: l10n.t('block'),
      cancel: l10n.t('cancel'),
      set: l10n.t('set'),
      rollback: l10n.t('rollback'),
      override: l10n.t('override'),
    };
    const others: Readonly<Record<string, string>> = {
      status_change: l10n.t('status change'),
      decision: l10n.t('decision'),
      child_advanced: l10n.t('child advanced'),
      child_blocked: l10n.t('child blocked'),
      child_cancelled: l10n.t('child canceled'),
      child_rolledback: l10n.t('child rolled back'),
      upstream_changed: l10n.t('upstream changed'),
    };
    return isPhaseEventType(type) ? names[type] : knownOr(others, type);
  }

  /** The result of a gate as events store it; a word of another program stays. */
  gateResult(result: string): string {
    const { l10n } = this;
    const names: Readonly<Record<string, string>> = { pass: l10n.t('pass'), fail: l10n.t('fail') };
    return knownOr(names, result);
  }

  /** What the condition requires. */
  condition({ check, phase = '' }: GateConditionResult): string {
    const { l10n } = this;
    const names: Readonly<Record<GateCheck, string>> = {
      artifact_exists: l10n.t('An artifact of phase {0}', phase),
      agents_complete: l10n.t('No agent still active'),
      verdict_exists: l10n.t('A passing verdict'),
      children_at_phase: l10n.t('All children at phase {0} or beyond', phase),
      upstreams_at_phase: l10n.t('All upstream projects at phase {0} or beyond', phase),
      plan_accepted: l10n.t('An accepted plan of the task'),
      subtasks_merged: l10n.t('Every subtask merged'),
    };
    return names[check];
  }

  /** What is missing, in a few words. */
  missing(check: GateCheck): string {
    const { l10n } = this;
    const names: Readonly<Record<GateCheck, string>> = {
      artifact_exists: l10n.t('needs an artifact'),
      agents_complete: l10n.t('agents still active'),
      verdict_exists: l10n.t('needs a verdict'),
      children_at_phase: l10n.t('children behind'),
      upstreams_at_phase: l10n.t('upstream projects behind'),
      plan_accepted: l10n.t('needs a plan'),
      subtasks_merged: l10n.t('subtasks not merged'),
    };
    return names[check];
  }

  /** What would satisfy a failing condition. */
  remedy({ check, phase = '' }: GateConditionResult): string {
    const { l10n } = this;
    const sentences: Readonly<Record<GateCheck, string>> = {
      artifact_exists: l10n.t('Add an artifact to phase {0} of this run.', phase),
      agents_complete: l10n.t('Wait until the active agents end, or mark them completed or failed.'),
      verdict_exists: l10n.t('Complete a dispatch of this run with a verdict other than reject.'),
      children_at_phase: l10n.t('Advance the children that are behind to phase {0}, or cancel them.', phase),
      upstreams_at_phase: l10n.t('Advance the upstream projects that are behind to phase {0}.', phase),
      plan_accepted: l10n.t('Wait until the planner has finished, or retry planning.'),
      subtasks_merged: l10n.t('Merge every subtask of the task, or remove those that are not needed.'),
    };
    return sentences[check];
  }
}

export function dispatchWords({ l10n }: { readonly l10n: Localizer }, active: number): string | undefined {
  if (active === 0) return undefined;
  return inWords(l10n, '{0} dispatches running', active);
}

export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** The words for a stored name that any program may have written, so also `constructor`; an unknown one stays. */
function knownOr(words: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(words, name) ? (words[name] ?? name) : name;
}
