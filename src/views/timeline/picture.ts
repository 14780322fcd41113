/** A run's facts as a picture: lanes of bars and signs, the budgets, and all their words (design §9). Pure. */
import type { TimelineFrame, TimelineItem, TimelinePicture } from '../../contract/timeline';
import { isActive } from '../../kernel/dispatch/machine';
import { headline } from '../format';
import { forecastWords } from '../projections/budgetWords';
import type { Scene } from '../projections/scene';
import { budgetPictures } from './budgets';
import { beginOf, type TimelineFacts } from './facts';
import { artifactItem, dispatchItem, eventItem, phaseItems } from './items';
import { packLanes, quietStretches } from './lanes';
import { legendOf } from './legend';

export type TimelineScene = Pick<Scene, 'l10n' | 'words' | 'formats'>;

/** Lanes above those of the dispatches. */
export const PHASES = 0;
export const GATES = 1;
export const ARTIFACTS = 2;
const FIRST_DISPATCH = 3;

export function timelinePicture(scene: TimelineScene, facts: TimelineFacts): TimelinePicture {
  const { l10n } = scene;
  const { run, events, artifacts, dispatches } = facts;
  const places = packLanes(dispatches.map((dispatch) => ({ from: beginOf(dispatch), to: dispatch.completedAt })));
  const items = [
    ...phaseItems(scene, facts, PHASES),
    ...events.map((event) => eventItem(scene, event, GATES)),
    ...artifacts.map((artifact) => artifactItem(scene, artifact, ARTIFACTS)),
    ...dispatches
      .map((dispatch, index) => dispatchItem(scene, dispatch, FIRST_DISPATCH + (places[index] ?? 0), facts.now))
      .sort((one, other) => one.lane - other.lane),
  ];
  const isLive = run.status === 'active' || dispatches.some(({ status }) => isActive(status));
  const range = rangeOf(items, facts.now, isLive);
  const depth = places.reduce((deepest, place) => Math.max(deepest, place + 1), 0);
  const frame: TimelineFrame = {
    title: headline(run.goal, 300),
    summary: summaryOf(scene, facts, range),
    notices: [],
    range,
    isLive,
    folds: quietStretches(range, busyStretches(items)).map((fold) => {
      return { ...fold, text: scene.formats.duration(fold.to - fold.from) };
    }),
    lanes: [
      { label: l10n.t('Phases'), height: 'bar' },
      { label: l10n.t('Events'), height: 'marks' },
      { label: l10n.t('Artifacts'), height: 'marks' },
      ...Array.from({ length: depth }, (_, index) => {
        return { label: index === 0 ? l10n.t('Dispatches') : '', height: 'bar' as const };
      }),
    ],
    budgets: budgetPictures(scene, facts),
    legend: legendOf(scene, items),
  };
  return { frame, items };
}

/** A picture that says why there is none. */
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

/** What somebody did. A phase that lasts keeps nobody busy. */
function busyStretches(items: readonly TimelineItem[]): { from: number; to: number | null }[] {
  return items
    .filter(({ lane }) => lane !== PHASES)
    .map((item) => ({ from: item.from, to: item.kind === 'bar' ? item.to : item.from }));
}

function summaryOf(scene: TimelineScene, { run, dispatches, budget }: TimelineFacts, range: Range): string {
  const { l10n, words, formats } = scene;
  const forecast = run.status === 'active' ? budget?.forecast : undefined;
  const used = dispatches.reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0);
  return [
    l10n.t('{0} · {1}', run.phase, words.run(run.status)),
    formats.duration(range.to - range.from),
    ...(used === 0 ? [] : [l10n.t('{0} tokens', formats.amount(used))]),
    ...(forecast === undefined ? [] : [l10n.t('to finish: {0}', forecastWords(scene, forecast))]),
  ].join(' · ');
}

type Range = TimelineFrame['range'];
