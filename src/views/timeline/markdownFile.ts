/** A timeline as a Markdown file: what happened, in the order in which it did. Pure. */
import type { TimelineItem, TimelinePicture } from '../../contract/pages/timeline';
import { mapped, type Steps } from '../../host/turns';
import { literalMarkdown } from '../format';
import type { TimelineContext } from './picture';

/** `explain`: lines about an item. */
export function* timelineMarkdown(
  { l10n, formats }: TimelineContext,
  { frame, items }: TimelinePicture,
  explain: (item: TimelineItem) => readonly string[],
): Steps<string> {
  const byTime = [...items].sort((one, other) => one.from - other.from || one.lane - other.lane);
  const rows = yield* mapped(byTime, (item) => {
    const length = item.kind === 'bar' ? formats.duration((item.to ?? frame.range.to) - item.from) : '';
    const why = explain(item).map(literalMarkdown).join('<br>');
    return `| ${literalMarkdown(formats.moment(item.from))} | ${length} | ${literalMarkdown(item.spoken)} | ${why} |`;
  });
  return [
    `# ${literalMarkdown(frame.title)}`,
    '',
    literalMarkdown(frame.summary),
    ...frame.budgets.flatMap(({ label, spoken }) => ['', literalMarkdown(`${label}: ${spoken}`)]),
    '',
    `| ${l10n.t('When')} | ${l10n.t('How long')} | ${l10n.t('What')} | ${l10n.t('Why')} |`,
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
