/** A run's facts as a picture: lanes of bars and signs, the budgets, and all their words. Pure. */
import { inWords } from '../../kernel/errors/reasons/fill';
import { unreadableLines } from '../projections/unreadableRows';
import type { TimelineFrame, TimelineItem, TimelinePicture } from '../../contract/pages/timeline';
import { mapped, type Steps } from '../../host/turns';
import { isActive } from '../../kernel/dispatch/machine';
import { headline } from '../rows/format';
import { forecastWords } from '../projections/budgetWords';
import { budgetPictures } from './budgets';
import { beginOf, type TimelineContext, type TimelineFacts } from './facts';
import { artifactItem, decisionItem, dispatchItem, eventItem, legendOf, phaseItems } from './items';

/** Lanes above those of the dispatches. */
export const PHASES = 0;
export const GATES = 1;
export const ARTIFACTS = 2;
/** Only where there are decisions. */
export const REQUESTS = 3;

export function* timelinePicture(context: TimelineContext, facts: TimelineFacts): Steps<TimelinePicture> {
  const { l10n } = context;
  const { run, events, artifacts, dispatches, decisions } = facts;
  const firstDispatch = decisions.length === 0 ? REQUESTS : REQUESTS + 1;
  const places = yield* packLanes(
    dispatches.map((dispatch) => ({ from: beginOf(dispatch), to: dispatch.completedAt })),
  );
  const bars = yield* mapped(dispatches, (dispatch, index) =>
    dispatchItem(context, dispatch, firstDispatch + (places[index] ?? 0), facts.now),
  );
  const items = [
    ...(yield* phaseItems(context, facts, PHASES)),
    ...(yield* mapped(events, (event) => eventItem(context, event, GATES))),
    ...(yield* mapped(artifacts, (artifact) => artifactItem(context, artifact, ARTIFACTS))),
    ...(yield* mapped(decisions, (decision) => decisionItem(context, decision, REQUESTS))),
    ...bars.sort((one, other) => one.lane - other.lane),
  ];
  yield;
  const isLive = run.status === 'active' || dispatches.some(({ status }) => isActive(status));
  const range = rangeOf(items, facts.now, isLive);
  const depth = places.reduce((deepest, place) => Math.max(deepest, place + 1), 0);
  const folds = quietStretches(range, busyStretches(items));
  yield;
  const budgets = budgetPictures(context, facts);
  yield;
  const frame: TimelineFrame = {
    title: headline(run.goal, 300),
    summary: summaryOf(context, facts, range),
    notices: noticesOf(context, facts),
    range,
    isLive,
    folds: folds.map((fold) => {
      return { ...fold, text: context.formats.duration(fold.to - fold.from) };
    }),
    lanes: [
      { label: l10n.t('Phases'), height: 'bar' },
      { label: l10n.t('Events'), height: 'marks' },
      { label: l10n.t('Artifacts'), height: 'marks' },
      ...(decisions.length === 0 ? [] : [{ label: l10n.t('Requests'), height: 'marks' as const }]),
      ...Array.from({ length: depth }, (_, index) => {
        return { label: index === 0 ? l10n.t('Dispatches') : '', height: 'bar' as const };
      }),
    ],
    budgets,
    legend: legendOf(context, items),
  };
  return { frame, items };
}

/** A picture with the reason why there is no timeline. */
export function emptyTimeline(title: string, reason: string, tone: 'info' | 'warning'): TimelinePicture {
  const notices = reason === '' ? [] : [{ tone, text: reason }];
  const range = { from: 0, to: 0 };
  const frame = { title, summary: '', notices, range, isLive: false, folds: [], lanes: [], budgets: [], legend: [] };
  return { frame, items: [] };
}

function rangeOf(items: readonly TimelineItem[], now: number, isLive: boolean): { from: number; to: number } {
  const from = items.reduce((least, item) => Math.min(least, item.from), Number.POSITIVE_INFINITY);
  const to = items.reduce((most, item) => Math.max(most, endOf(item)), from);
  return { from, to: isLive ? Math.max(to, now) : to };
}

function endOf(item: TimelineItem): number {
  return item.kind === 'bar' ? (item.to ?? item.from) : item.from;
}

/** What a person or an agent did. A phase that lasts is no work. */
function busyStretches(items: readonly TimelineItem[]): { from: number; to: number | null }[] {
  return items
    .filter(({ lane }) => lane !== PHASES)
    .map((item) => ({ from: item.from, to: item.kind === 'bar' ? item.to : item.from }));
}

function noticesOf({ l10n }: TimelineContext, { unreadable }: TimelineFacts): TimelineFrame['notices'] {
  const text = unreadableLines(l10n, unreadable).join('\n');
  return text === '' ? [] : [{ tone: 'warning', text }];
}

function summaryOf(context: TimelineContext, { run, dispatches, budget }: TimelineFacts, range: Range): string {
  const { l10n, words, formats } = context;
  const forecast = run.status === 'active' ? budget?.forecast : undefined;
  const used = dispatches.reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0);
  return [
    run.phase,
    words.run(run.status),
    formats.duration(range.to - range.from),
    ...(used === 0 ? [] : [inWords(l10n, '{0} tokens', formats.amount(used))]),
    ...(forecast === undefined ? [] : [l10n.t('to finish: {0}', forecastWords(context, forecast))]),
  ].join(' · ');
}

type Range = TimelineFrame['range'];

/** Bars that overlap are drawn below each other. Pure. */
interface Stretch {
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
}

/**
 * The lane of each stretch, from 0: the first one that is free when it starts. Needs them by their beginning, so that
 * what is added later moves nothing.
 */
export function* packLanes(stretches: readonly Stretch[]): Steps<number[]> {
  const ends: number[] = [];
  return yield* mapped(stretches, ({ from, to }) => {
    const free = ends.findIndex((end) => end <= from);
    const lane = free < 0 ? ends.length : free;
    // One that takes no time has a lane of its own as well.
    ends[lane] = to === null ? Number.POSITIVE_INFINITY : Math.max(to, from + 1);
    return lane;
  });
}

/** Shorter than this, a stretch without anything is drawn as it is. */
const LEAST_FOLD_SEC = 900;
/** Part of the whole from which on it is worth folding. */
const LEAST_PART = 0.08;

/**
 * The long stretches of the range in which nothing happened: a night, a weekend. What lasts is not nothing.
 * `busy` in any order.
 */
export function quietStretches(
  range: { readonly from: number; readonly to: number },
  busy: readonly Stretch[],
): { from: number; to: number }[] {
  const least = Math.max(LEAST_FOLD_SEC, (range.to - range.from) * LEAST_PART);
  const quiet: { from: number; to: number }[] = [];
  let reached = range.from;
  for (const { from, to } of [...busy].sort((a, b) => a.from - b.from)) {
    if (from - reached >= least) quiet.push({ from: reached, to: from });
    reached = Math.max(reached, to ?? range.to);
  }
  if (range.to - reached >= least) quiet.push({ from: reached, to: range.to });
  return quiet;
}
