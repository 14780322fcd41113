/** What the signs and tones of a timeline mean, for those that occur. Pure. */
import { SIGNS, type Sign, type TimelineFrame, type TimelineItem, type Tone } from '../../contract/pages/timeline';
import type { TimelineContext } from './picture';

type Entry = TimelineFrame['legend'][number];

export function legendOf(context: TimelineContext, items: readonly TimelineItem[]): Entry[] {
  const signs = new Map<Sign, Tone>();
  const tones = new Set<Tone>();
  for (const item of items) {
    if (item.kind === 'mark') signs.set(item.sign, signs.get(item.sign) ?? item.tone);
    else tones.add(item.tone);
  }
  const bars = toneWords(context).filter(([tone]) => tones.has(tone));
  const names = signWords(context);
  return [
    ...bars.map(([tone, text]): Entry => ({ tone, text })),
    ...SIGNS.filter((sign) => signs.has(sign)).map((sign): Entry => {
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
