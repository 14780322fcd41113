/** Where the axis has its marks, and how they are written. Pure. */
import type { TimeScale } from './scale';

export interface Tick {
  readonly x: number;
  readonly text: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [1, 5, 15, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY];
/** Pixels between two marks, at least. */
const ROOM = 90;

export function ticksOf(scale: TimeScale, width: number, language: string): Tick[] {
  const step = STEPS.find((seconds) => seconds * scale.camera.scale >= ROOM) ?? daysFor(scale.camera.scale);
  const from = scale.at(0);
  const to = scale.at(width);
  const offset = new Date(from * 1000).getTimezoneOffset() * MINUTE;
  const format = formatFor(step, language);
  const ticks: Tick[] = [];
  let last = Number.NEGATIVE_INFINITY;
  const whole = (at: number): number => Math.ceil((at - offset) / step) * step + offset;
  for (let at = whole(from); at <= to; at = whole(scale.afterFold(at + step))) {
    const x = scale.place(at);
    if (x - last < ROOM * 0.8) continue;
    last = x;
    ticks.push({ x, text: format.format(at * 1000) });
  }
  return ticks;
}

function daysFor(scale: number): number {
  return Math.ceil(ROOM / (DAY * scale)) * DAY;
}

function formatFor(step: number, language: string): Intl.DateTimeFormat {
  if (step >= DAY) return new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  if (step < MINUTE) return new Intl.DateTimeFormat(language, { ...time, second: '2-digit' });
  if (step >= 3 * HOUR) return new Intl.DateTimeFormat(language, { ...time, weekday: 'short' });
  return new Intl.DateTimeFormat(language, time);
}
