/** The signs of moments: a shape for each, so that color is never the only difference. */
import type { Sign, Tone } from '../../contract/pages/timeline';
import { svg } from '../dom';

/** Within a square of 14, around its middle. */
const PATHS: Readonly<Record<Sign, string>> = {
  advance: 'M-4 -5.5 L6 0 L-4 5.5 Z',
  skip: 'M-5.5 -5 L0 0 L-5.5 5 Z M0.5 -5 L6 0 L0.5 5 Z',
  pause: 'M-4.5 -5.5 h3 v11 h-3 Z M1.5 -5.5 h3 v11 h-3 Z',
  block: 'M-2.6 -6.3 h5.2 l3.7 3.7 v5.2 l-3.7 3.7 h-5.2 l-3.7 -3.7 v-5.2 Z',
  cancel: 'M-5.5 -3.5 l2 -2 l3.5 3.5 l3.5 -3.5 l2 2 l-3.5 3.5 l3.5 3.5 l-2 2 l-3.5 -3.5 l-3.5 3.5 l-2 -2 l3.5 -3.5 Z',
  set: 'M-3 -3 h6 v6 h-6 Z',
  rollback: 'M4 -5.5 L-6 0 L4 5.5 Z',
  override: 'M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z',
  artifact: 'M-4.5 -6 h6 l3 3 v9 h-9 Z',
  other: 'M0 -4 a4 4 0 1 0 0.01 0 Z',
};

export function signPath(sign: Sign): string {
  return PATHS[sign];
}

/** For the legend: a sign, or the color of a bar. */
export function legendSign(sign: Sign | undefined, tone: Tone): SVGElement {
  const shape =
    sign === undefined
      ? svg('rect', { x: -7, y: -4, width: 14, height: 8, rx: 2, class: `tone ${tone}` })
      : svg('path', { d: signPath(sign), class: `tone ${tone}` });
  return svg('svg', { class: 'sign', viewBox: '-8 -8 16 16', 'aria-hidden': 'true', focusable: 'false' }, shape);
}
