/** What was used as a line of steps over time, under a gauge against the limit. */
import type { BudgetPicture, TimelineFrame } from '../../contract/pages/timeline';
import { html, part, svg } from '../dom';
import type { TimeScale } from './scale';

const HEIGHT = 76;
/** Of the upper part, which the gauge and its words have for themselves. */
const HEAD = 28;
const FOOT = 7;
const GAUGE = { x: 2, y: 8, width: 160, height: 12 } as const;

export function drawBudgets({ budgets, range }: TimelineFrame, scale: TimeScale, width: number, now: number): void {
  const rows = budgets.map((budget) => {
    const { measure, label, level, spoken } = budget;
    const name = `${label}: ${spoken}`;
    const words = svg('text', { x: budget.gauge === undefined ? GAUGE.x : GAUGE.x + GAUGE.width + 10, y: 18 }, spoken);
    const picture = svg(
      'svg',
      { id: `budget-${measure}`, class: `budget ${level}`, role: 'img', focusable: 'false', 'aria-label': name, width },
      svg('title', {}, name),
      ...stepsOf(budget, range.from, scale, width, now),
      ...gaugeOf(budget),
      words,
    );
    return html('div', { class: 'use' }, html('div', { class: 'use-label', 'aria-hidden': 'true' }, label), picture);
  });
  part('budgets').replaceChildren(...rows);
}

/** Reported, then estimated, then held; the limit is where the frame ends, or a stroke where more is used. */
function gaugeOf({ gauge }: BudgetPicture): SVGElement[] {
  if (gauge === undefined) return [];
  const { x, y, width, height } = GAUGE;
  let from = x;
  const parts = (['reported', 'estimated', 'reserved'] as const).flatMap((kind) => {
    const box = { x: from, y, width: gauge[kind] * width, height };
    from += box.width;
    return box.width === 0 ? [] : [svg('rect', { class: kind, ...box })];
  });
  const limit = x + gauge.limit * width;
  const over =
    limit < x + width ? [svg('line', { class: 'limit', x1: limit, x2: limit, y1: y - 3, y2: y + height + 3 })] : [];
  return [svg('rect', { class: 'whole', ...GAUGE }), ...parts, ...over];
}

function stepsOf(budget: BudgetPicture, begin: number, scale: TimeScale, width: number, now: number): SVGElement[] {
  const { points, limit, reserved } = budget;
  const used = points.at(-1)?.amount ?? 0;
  const highest = Math.max(1, limit ?? 0, used + (reserved?.amount ?? 0));
  const y = (amount: number): number => HEIGHT - FOOT - (amount / highest) * (HEIGHT - HEAD - FOOT);
  const end = scale.place(now);
  const steps = points.map(({ at, amount }) => `H${scale.place(at)}V${y(amount)}`).join('');
  const unsure = points.filter(({ isReported }) => !isReported);
  const held = reserved && {
    x: scale.place(reserved.from),
    y: y(used + reserved.amount),
    width: Math.max(2, end - scale.place(reserved.from)),
    height: y(used) - y(used + reserved.amount),
  };
  return [
    ...(held === undefined ? [] : [svg('rect', { class: 'reserved', ...held })]),
    svg('path', { class: 'used', d: `M${scale.place(begin)} ${y(0)}${steps}H${end}` }),
    ...unsure.map(({ at, amount }) => svg('circle', { class: 'unsure', cx: scale.place(at), cy: y(amount), r: 4 })),
    ...(limit === null ? [] : [svg('line', { class: 'limit', x1: 0, x2: width, y1: y(limit), y2: y(limit) })]),
  ];
}
