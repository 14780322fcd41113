/** What has a moment, as bars and signs of a timeline. Pure. */
import { SIGNS, type Sign, type TimelineFrame, type TimelineItem, type Tone } from '../../contract/pages/timeline';
import { mapped, type Steps } from '../../host/turns';
import type { PermissionDecision } from '../../kernel/dispatch/decisions';
import type { Dispatch, DispatchStatus } from '../../kernel/dispatch/model';
import type { PhaseEvent, PhaseEventType, Run } from '../../kernel/run/record/model';
import type { Artifact } from '../../kernel/tracking/model';
import { decisionWords } from '../rows/decisionWords';
import { headline } from '../rows/format';
import { isPhaseEventType } from '../projections/words';
import { beginOf, type TimelineContext, type TimelineFacts } from './facts';

/** Whether an event of the type moves its run from phase to phase. */
const MOVES: Readonly<Record<PhaseEventType, boolean>> = {
  advance: true,
  skip: false,
  pause: false,
  block: false,
  cancel: false,
  set: false,
  rollback: true,
  override: true,
};

const EVENT_TONES: Readonly<Record<PhaseEventType, Tone>> = {
  advance: 'good',
  skip: 'dim',
  pause: 'neutral',
  block: 'bad',
  cancel: 'dim',
  set: 'neutral',
  rollback: 'warning',
  override: 'warning',
};

const DISPATCH_TONES: Readonly<Record<DispatchStatus, Tone>> = {
  spawned: 'active',
  running: 'active',
  completed: 'good',
  failed: 'bad',
  timeout: 'warning',
  cancelled: 'dim',
};

/** The time that the run spent in each phase, each stay for itself. */
export function* phaseItems(
  { l10n, formats }: TimelineContext,
  { run, events, now }: TimelineFacts,
  lane: number,
): Steps<TimelineItem[]> {
  const stays = staysOf(run, events);
  yield;
  return yield* mapped(stays, ({ phase, from, to }, index) => {
    const isNow = index === stays.length - 1 && run.status === 'active';
    const length = formats.duration((to ?? now) - from);
    const spoken = isNow
      ? l10n.t('Phase {0}, current, for {1} now', phase, length)
      : l10n.t('Phase {0}, for {1}', phase, length);
    return {
      kind: 'bar',
      id: `phase:${String(index)}`,
      lane,
      from,
      to: isNow ? null : (to ?? from),
      tone: isNow ? 'active' : 'neutral',
      label: phase,
      spoken,
    };
  });
}

interface Stay {
  readonly phase: string;
  readonly from: number;
  to: number | null;
}

function staysOf(run: Run, events: readonly PhaseEvent[]): Stay[] {
  const moves = events.filter(({ type, fromPhase, toPhase }) => {
    return isPhaseEventType(type) ? MOVES[type] : fromPhase !== toPhase;
  });
  const stays: Stay[] = [{ phase: moves[0]?.fromPhase ?? run.phase, from: run.createdAt, to: null }];
  for (const { toPhase, createdAt } of moves) {
    const last = stays.at(-1);
    if (last !== undefined) last.to = createdAt;
    stays.push({ phase: toPhase, from: createdAt, to: null });
  }
  const last = stays.at(-1);
  if (last !== undefined && run.status !== 'active') last.to = Math.max(last.from, run.completedAt ?? run.updatedAt);
  return stays;
}

export function eventItem({ l10n, words, formats }: TimelineContext, event: PhaseEvent, lane: number): TimelineItem {
  const { id, type, fromPhase, toPhase, createdAt } = event;
  const isKnown = isPhaseEventType(type);
  const way = fromPhase === toPhase ? toPhase : `${fromPhase} → ${toPhase}`;
  return {
    kind: 'mark',
    id: `event:${String(id)}`,
    lane,
    from: createdAt,
    // A failed gate that let its run pass is highlighted.
    tone: type === 'advance' && event.gateResult === 'fail' ? 'warning' : isKnown ? EVENT_TONES[type] : 'neutral',
    sign: isKnown ? type : 'other',
    spoken: l10n.t('{0} at {1}, {2}', words.event(type), way, formats.moment(createdAt)),
  };
}

/** As a foreign program may have stored it, an answer is any text. */
const ANSWER_MARKS: ReadonlyMap<string, { readonly sign: Sign; readonly tone: Tone }> = new Map([
  ['allow', { sign: 'allow', tone: 'good' }],
  ['accept', { sign: 'allow', tone: 'good' }],
  ['deny', { sign: 'deny', tone: 'bad' }],
  ['decline', { sign: 'deny', tone: 'bad' }],
  ['cancelled', { sign: 'cancel', tone: 'dim' }],
]);

export function decisionItem(
  { l10n, formats }: TimelineContext,
  decision: PermissionDecision,
  lane: number,
): TimelineItem {
  const { dispatchId, number, subject, decidedAt } = decision;
  const words = decisionWords(l10n, decision);
  return {
    kind: 'mark',
    id: `decision:${dispatchId}:${String(number)}`,
    lane,
    from: decidedAt,
    ...(ANSWER_MARKS.get(decision.answer) ?? { sign: 'other', tone: 'neutral' }),
    spoken: l10n.t('Request {0}: {1}, {2}, {3}', number, headline(subject), words, formats.moment(decidedAt)),
  };
}

export function artifactItem({ l10n, formats }: TimelineContext, artifact: Artifact, lane: number): TimelineItem {
  const { id, path, phase, createdAt } = artifact;
  const isRolledBack = artifact.status === 'rolled_back';
  const moment = formats.moment(createdAt);
  return {
    kind: 'mark',
    id: `artifact:${String(id)}`,
    lane,
    from: createdAt,
    tone: isRolledBack ? 'dim' : 'neutral',
    sign: 'artifact',
    spoken: isRolledBack
      ? l10n.t('Artifact {0} of {1}, rolled back, {2}', path, phase, moment)
      : l10n.t('Artifact {0} of {1}, {2}', path, phase, moment),
  };
}

export function dispatchItem(
  { l10n, words, formats }: TimelineContext,
  dispatch: Dispatch,
  lane: number,
  now: number,
): TimelineItem {
  const { id, status, completedAt } = dispatch;
  const label = headline(dispatch.name ?? dispatch.agentType);
  const from = beginOf(dispatch);
  const length = formats.duration((completedAt ?? now) - from);
  return {
    kind: 'bar',
    id: `dispatch:${id}`,
    lane,
    from,
    to: completedAt,
    tone: DISPATCH_TONES[status],
    label,
    spoken: l10n.t('Dispatch {0}, {1}, {2}', label, words.dispatch(status), length),
  };
}

type LegendEntry = TimelineFrame['legend'][number];

/** What the signs and tones of a timeline mean, for those that occur. */
export function legendOf(context: TimelineContext, items: readonly TimelineItem[]): LegendEntry[] {
  const signs = new Map<Sign, Tone>();
  const tones = new Set<Tone>();
  for (const item of items) {
    if (item.kind === 'mark') signs.set(item.sign, signs.get(item.sign) ?? item.tone);
    else tones.add(item.tone);
  }
  const bars = toneWords(context).filter(([tone]) => tones.has(tone));
  const names = signWords(context);
  return [
    ...bars.map(([tone, text]): LegendEntry => ({ tone, text })),
    ...SIGNS.filter((sign) => signs.has(sign)).map((sign): LegendEntry => {
      return { sign, tone: signs.get(sign) ?? 'neutral', text: names[sign] };
    }),
  ];
}

function signWords({ l10n }: TimelineContext): Readonly<Record<Sign, string>> {
  return {
    advance: l10n.t('advanced'),
    skip: l10n.t('phase skipped'),
    pause: l10n.t('paused'),
    block: l10n.t('blocked by its gate'),
    cancel: l10n.t('cancelled'),
    set: l10n.t('settings changed'),
    rollback: l10n.t('rolled back'),
    override: l10n.t('gate overridden'),
    allow: l10n.t('request allowed'),
    deny: l10n.t('request denied'),
    artifact: l10n.t('artifact'),
    other: l10n.t('other event'),
  };
}

function toneWords({ l10n }: TimelineContext): readonly (readonly [Tone, string])[] {
  return [
    ['active', l10n.t('active')],
    ['good', l10n.t('completed')],
    ['bad', l10n.t('failed')],
    ['warning', l10n.t('stopped at its time limit')],
    ['dim', l10n.t('cancelled')],
  ];
}

/** What differs between two pictures of a run, so that a long timeline is not sent again with each event. Pure. */
export interface Changes {
  /** New, or not as they were. */
  readonly items: readonly TimelineItem[];
  /** Ids of those that are gone. */
  readonly removed: readonly string[];
}

/** `shown`: the text of each item that was sent, by its id. `now`: those of the items. */
export function changesOf(
  shown: ReadonlyMap<string, string>,
  items: readonly TimelineItem[],
  now: ReadonlyMap<string, string>,
): Changes {
  return {
    items: items.filter(({ id }) => shown.get(id) !== now.get(id)),
    removed: [...shown.keys()].filter((id) => !now.has(id)),
  };
}

/** Items as texts, by their ids. */
export function* textsOf(items: readonly TimelineItem[]): Steps<ReadonlyMap<string, string>> {
  return new Map(yield* mapped(items, (item) => [item.id, JSON.stringify(item)] as const));
}
