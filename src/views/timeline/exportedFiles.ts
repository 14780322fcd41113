/** A timeline as a file: Markdown, in the order of time, or a self-contained SVG for any browser. Pure. */
import type { BudgetPicture, TimelineFrame, TimelineItem, TimelinePicture, Tone } from '../../contract/pages/timeline';
import { mapped, type Steps } from '../../host/turns';
import { shortened } from '../../kernel/text/storableText';
import { literalMarkdown } from '../rows/format';
import type { TimelineContext } from './facts';

const WIDTH = 1600;
const LABELS = 130;
const MARGIN = 16;
const HEAD = 64;
const ROW = 26;
const CHART = 84;
const FOLD = 30;
const CHARACTER = 7;

/** Named, so that the file needs nothing of the editor's theme. */
const COLORS: Readonly<Record<Tone, string>> = {
  neutral: 'slategray',
  active: 'royalblue',
  good: 'seagreen',
  bad: 'firebrick',
  warning: 'darkorange',
  dim: 'darkgray',
};

export function* timelineSvg(
  { frame, items }: TimelinePicture,
  moment: (unixSeconds: number) => string,
  language: string,
): Steps<string> {
  const place = placer(frame);
  const top = (lane: number): number => HEAD + lane * ROW;
  const chartTop = top(frame.lanes.length);
  const height = chartTop + frame.budgets.length * CHART + 40;
  const shapes = yield* mapped(items, (item) => shape(item, place, top(item.lane), frame.range.to));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:lang="${escapeXml(language)}" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeXml(frame.title)}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    text(MARGIN, 26, frame.title, 'font-size="18" font-weight="600"'),
    text(MARGIN, 46, frame.summary, 'fill="dimgray"'),
    ...frame.lanes.map(({ label }, lane) => text(MARGIN, top(lane) + 17, label, 'fill="dimgray"')),
    ...frame.folds.map(({ from, to, text: length }) => {
      const [x, end] = [place(from), place(to)];
      const band = `<rect x="${x}" y="${HEAD}" width="${end - x}" height="${chartTop - HEAD}" fill="whitesmoke"/>`;
      return `<g>${band}<title>${escapeXml(length)}</title></g>`;
    }),
    ...shapes,
    ...frame.budgets.flatMap((budget, index) => chart(budget, frame, place, chartTop + index * CHART)),
    text(LABELS, height - 14, moment(frame.range.from), 'fill="dimgray"'),
    text(WIDTH - MARGIN, height - 14, moment(frame.range.to), 'fill="dimgray" text-anchor="end"'),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

/** Gives a moment's place across; quiet stretches are short. */
function placer({ range, folds }: TimelineFrame): (at: number) => number {
  const folded = folds.reduce((sum, { from, to }) => sum + to - from, 0);
  const room = WIDTH - LABELS - MARGIN - folds.length * FOLD;
  const scale = room / Math.max(1, range.to - range.from - folded);
  return (at) => {
    let x = LABELS;
    let from = range.from;
    for (const fold of folds) {
      if (at <= fold.from) break;
      x += (fold.from - from) * scale;
      if (at < fold.to) return round(x + (FOLD * (at - fold.from)) / (fold.to - fold.from));
      x += FOLD;
      from = fold.to;
    }
    return round(x + (at - from) * scale);
  };
}

function shape(item: TimelineItem, place: (at: number) => number, y: number, end: number): string {
  const fill = `fill="${COLORS[item.tone]}"`;
  const name = `<title>${escapeXml(item.spoken)}</title>`;
  const x = place(item.from);
  if (item.kind === 'mark') return `<g>${name}<circle cx="${x}" cy="${y + 13}" r="5" ${fill}/></g>`;
  const width = Math.max(2, place(item.to ?? end) - x);
  const room = Math.floor((width - 10) / CHARACTER);
  const label = room < 3 ? '' : text(x + 6, y + 17, shortened(item.label, room), 'fill="white"');
  return `<g>${name}<rect x="${x}" y="${y + 3}" width="${width}" height="${ROW - 6}" rx="3" ${fill}/>${label}</g>`;
}

/** A line of steps up to what was used, and the limit above it; a ring is a step without reported usage. */
function chart(
  { label, points, limit, reserved, spoken }: BudgetPicture,
  { range }: TimelineFrame,
  place: (at: number) => number,
  top: number,
): string[] {
  const used = points.at(-1)?.amount ?? 0;
  const highest = Math.max(1, limit ?? 0, used + (reserved?.amount ?? 0));
  const y = (amount: number): number => round(top + CHART - 8 - (amount / highest) * (CHART - 38));
  const steps = points.map(({ at, amount }) => `H${place(at)}V${y(amount)}`).join('');
  const path = `<path d="M${LABELS} ${y(0)}${steps}H${place(range.to)}" fill="none" stroke="royalblue" stroke-width="2"/>`;
  const rings = points
    .filter(({ isReported }) => !isReported)
    .map(({ at, amount }) => `<circle cx="${place(at)}" cy="${y(amount)}" r="4" fill="white" stroke="royalblue"/>`);
  return [
    text(MARGIN, top + 20, label, 'fill="dimgray"'),
    text(LABELS, top + 20, spoken, 'fill="dimgray"'),
    `<g><title>${escapeXml(`${label}: ${spoken}`)}</title>${path}${rings.join('')}</g>`,
    ...(reserved === undefined ? [] : [held(reserved.from, range.to, y(used), y(used + reserved.amount), place)]),
    ...(limit === null ? [] : [limitLine(y(limit))]),
  ];
}

function held(from: number, to: number, bottom: number, top: number, place: (at: number) => number): string {
  const box = `x="${place(from)}" y="${top}" width="${round(Math.max(2, place(to) - place(from)))}" height="${round(bottom - top)}"`;
  return `<rect ${box} fill="none" stroke="royalblue" stroke-dasharray="3 2"/>`;
}

function limitLine(y: number): string {
  return `<line x1="${LABELS}" x2="${WIDTH - MARGIN}" y1="${y}" y2="${y}" stroke="firebrick" stroke-dasharray="6 4"/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** XML knows fewer characters than text may have. */
function escapeXml(content: string): string {
  return content
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '�')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

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
