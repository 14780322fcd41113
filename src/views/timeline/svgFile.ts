/** A timeline as an SVG file that any browser shows, without what it came from. Pure. */
import type { TimelineFrame, TimelineItem, TimelinePicture, Tone } from '../../contract/timeline';

const WIDTH = 1600;
const LABELS = 130;
const MARGIN = 16;
const HEAD = 64;
const ROW = 26;
const CHART = 70;
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

export function timelineSvg(
  { frame, items }: TimelinePicture,
  moment: (unixSeconds: number) => string,
  language: string,
): string {
  const place = placer(frame);
  const top = (lane: number): number => HEAD + lane * ROW;
  const chartTop = top(frame.lanes.length);
  const height = chartTop + (frame.tokens === undefined ? 0 : CHART) + 40;
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
    ...items.map((item) => shape(item, place, top(item.lane), frame.range.to)),
    ...(frame.tokens === undefined ? [] : chart(frame.tokens, frame, place, chartTop)),
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

function chart(
  tokens: NonNullable<TimelineFrame['tokens']>,
  { range }: TimelineFrame,
  place: (at: number) => number,
  top: number,
): string[] {
  const highest = Math.max(1, tokens.limit ?? 0, ...tokens.points.map((point) => point.tokens));
  const y = (count: number): number => round(top + CHART - 8 - (count / highest) * (CHART - 20));
  const steps = tokens.points.map(({ at, tokens: count }) => `H${place(at)}V${y(count)}`).join('');
  const limit =
    tokens.limit === null
      ? []
      : [
          `<line x1="${LABELS}" x2="${WIDTH - MARGIN}" y1="${y(tokens.limit)}" y2="${y(tokens.limit)}" stroke="firebrick" stroke-dasharray="6 4"/>`,
        ];
  return [
    text(MARGIN, top + CHART / 2, tokens.label, 'fill="dimgray"'),
    `<g><title>${escapeXml(tokens.spoken)}</title><path d="M${LABELS} ${y(0)}${steps}H${place(range.to)}" fill="none" stroke="royalblue" stroke-width="2"/></g>`,
    ...limit,
  ];
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

function shortened(label: string, characters: number): string {
  return label.length <= characters ? label : `${label.slice(0, characters - 1)}…`;
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
