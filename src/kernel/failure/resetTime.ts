/**
 * Parses when a limit resets, as services write it: `resets 3:30pm (Europe/Berlin)`, `try again in 5 minutes`, seconds
 * since 1970 after a bar, `retry-after: 30`. Pure.
 */
import { startOf } from '../text/storableText';

export interface ResetContext {
  readonly nowMs: number;
  /** The time zone of the agent, for times without a zone. */
  readonly timeZone: string;
}

/** Unix seconds; undefined if the text names no time. */
export function resetTimeIn(text: string, context: ResetContext): number | undefined {
  return stampIn(text) ?? relativeIn(text, context) ?? clockIn(text, context);
}

/** Words before a time. */
const ANCHOR = /(?:resets?|try again|retry|available again|regain access|renews?|until|wait(?: for)?)\b/gi;

/** The longest text of a time. */
const LONGEST_TIME = 100;

/** The text after each anchor. */
function* afterAnchors(text: string): Generator<string> {
  for (const { index, 0: anchor } of text.matchAll(ANCHOR))
    yield startOf(text.slice(index + anchor.length), LONGEST_TIME);
}

/** Seconds or milliseconds since 1970, and a date with a clock time and a zone, which needs no anchor. */
const STAMP = /(?:\||resets?(?:[\s_]?at)?["'\s:=]{1,5})\s{0,3}(\d{13}|\d{10})\b/i;
const ISO_TIME =
  /\b(\d{4}-\d{2}-\d{2})(?:T|\s(?:at\s)?)(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})(?!\w)/i;
const HTTP_DATE = /retry-after["'\s:=]{1,5}([a-z]{3}, \d{2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT)/i;

/** `limit reached|1712345678`, `"resets_at": 1712345678`, an ISO time, `retry-after` with a date. */
function stampIn(text: string): number | undefined {
  const digits = STAMP.exec(text)?.[1];
  if (digits !== undefined) return Math.floor(Number(digits) / (digits.length === 13 ? 1000 : 1));
  const [, date, time, zone = ''] = ISO_TIME.exec(text) ?? [];
  const iso = date === undefined ? undefined : `${date}T${time ?? ''}${/^[zug]/i.test(zone) ? 'Z' : zone}`;
  const ms = Date.parse(iso ?? HTTP_DATE.exec(text)?.[1] ?? '');
  return Number.isFinite(ms) ? Math.floor(ms / 1000) : undefined;
}

const UNIT_SECONDS: readonly (readonly [pattern: RegExp, seconds: number])[] = [
  [/^(ms|milliseconds?)$/, 0.001],
  [/^(s|secs?|seconds?)$/, 1],
  [/^(m|mins?|minutes?)$/, 60],
  [/^(h|hrs?|hours?)$/, 3600],
  [/^(d|days?)$/, 86_400],
  [/^(w|weeks?)$/, 604_800],
];

/** `in 2h 15m`, `after 30 seconds`, `wait an hour`, `retry-after: 30`, `resets_in_seconds: 3600`. */
function relativeIn(text: string, { nowMs }: ResetContext): number | undefined {
  const inSeconds = /(?:resets?_in_seconds|retry[-_]after(?:[-_]seconds)?)["'\s:=]+(\d+(?:\.\d+)?)\b/i.exec(text)?.[1];
  if (inSeconds !== undefined) return after(nowMs, Number(inSeconds));
  const inMs = /retry[-_]after[-_]ms["'\s:=]{1,5}(\d{1,12})\b/i.exec(text)?.[1];
  if (inMs !== undefined) return after(nowMs, Number(inMs) / 1000);
  for (const rest of afterAnchors(text)) {
    const seconds = amountIn(rest);
    if (seconds !== undefined) return after(nowMs, seconds);
  }
  return undefined;
}

function amountIn(text: string): number | undefined {
  let rest = text.replace(/^\s{1,3}(?:(?:in|after|for)\b)?\s{0,3}(?:about|around|less than|~)?/i, '');
  let total: number | undefined;
  for (;;) {
    const [whole, number = '', unit = ''] =
      /^[\s,]{0,3}(?:and\s)?(\d{1,9}(?:\.\d{1,6})?|an?\b)\s?([a-z]{1,12})/i.exec(rest) ?? [];
    const factor = UNIT_SECONDS.find(([known]) => known.test(unit.toLowerCase()))?.[1];
    if (whole === undefined || factor === undefined) return total;
    total = (total ?? 0) + (/^a/i.test(number) ? 1 : Number(number)) * factor;
    rest = rest.slice(whole.length);
  }
}

function after(nowMs: number, seconds: number): number {
  return Math.ceil(nowMs / 1000 + seconds);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Parts {
  readonly isTomorrow: boolean;
  readonly month?: string | undefined;
  readonly day?: string | undefined;
  readonly year?: string | undefined;
  readonly weekday?: string | undefined;
  readonly hour?: string | undefined;
  readonly minute?: string | undefined;
  readonly half?: string | undefined;
  readonly zone?: string | undefined;
}

const DATE =
  /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?(?:,?\s{1,3}(\d{4}))?/i;
const DATE_DAY_FIRST =
  /^(\d{1,2})(?:st|nd|rd|th)?\s{1,3}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?(?:,?\s{1,3}(\d{4}))?/i;
const DATE_OF_NUMBERS = /^(\d{4})-(\d{2})-(\d{2})(?!\d)/;
const WEEKDAY = /^(sun|mon|tue|wed|thu|fri|sat)[a-z]{0,6}\b/i;
const TOMORROW = /^[\s,]{0,3}(tomorrow)\b/i;
const CLOCK = /^(?:(noon|midnight)\b|(\d{1,2})(?::(\d{2}))?(?::\d{2})?(?:\s?([ap])\.?m\b)?)/i;
const ZONE =
  /^\.?\s{0,3}(?:\(([A-Za-z_]{1,30}(?:\/[A-Za-z0-9_+-]{1,30}){0,2})\)|\(?((?:UTC|GMT)(?:[+-]\d{1,2})?|[A-Z]{2,4})\b)/;

/** A date, a day of the week, a clock time, and a zone, in this order, all optional. */
function partsOf(text: string): Parts {
  let rest = text.replace(/^[\s:=,"']{0,5}(?:(?:at|on|after|by)\b\s{0,3})?/i, '');
  const take = (pattern: RegExp): readonly (string | undefined)[] => {
    const found = pattern.exec(rest) ?? [];
    rest = rest.slice(found[0]?.length ?? 0);
    return found;
  };
  const [, month, day, year] = dateIn(take);
  const [, weekday] = month === undefined ? take(WEEKDAY) : [];
  const [, dayBefore] = take(TOMORROW);
  rest = rest.replace(/^[\s,\u00b7T]{0,4}(?:at\b)?\s{0,3}/i, '');
  const [, word, digits, minute, half] = take(CLOCK);
  const [, named, other] = take(ZONE);
  const [, dayAfter] = take(TOMORROW);
  const isNoon = word?.toLowerCase() === 'noon';
  return {
    month,
    day,
    year,
    weekday,
    minute,
    zone: named ?? other,
    isTomorrow: (dayBefore ?? dayAfter) !== undefined,
    hour: word === undefined ? digits : '12',
    half: word === undefined ? half : isNoon ? 'p' : 'a',
  };
}

/** Month, day, and year, after the whole match. */
function dateIn(take: (pattern: RegExp) => readonly (string | undefined)[]): readonly (string | undefined)[] {
  const [whole, year, number, day] = take(DATE_OF_NUMBERS);
  if (whole !== undefined) return [whole, MONTHS[Number(number) - 1], day, year];
  const [reversed, first, month, itsYear] = take(DATE_DAY_FIRST);
  return reversed === undefined ? take(DATE) : [reversed, month, first, itsYear];
}

/** A clock time that passed this recently means today, not tomorrow. */
const JUST_PASSED_MS = 15 * 60_000;
const DAY_MS = 86_400_000;

function clockIn(text: string, context: ResetContext): number | undefined {
  for (const rest of afterAnchors(text)) {
    const found = momentOf(partsOf(rest), context);
    if (found !== undefined) return found;
  }
  return undefined;
}

function momentOf(parts: Parts, { nowMs, timeZone }: ResetContext): number | undefined {
  const { month, day, year, weekday, isTomorrow, hour, minute, half, zone } = parts;
  const time = clockTime(hour, minute, half, month !== undefined || weekday !== undefined);
  if (time === undefined) return undefined;
  const place = zoneNamed(zone) ?? timeZone;
  const today = wallTime(nowMs, place);
  const at = (y: number, m: number, d: number): number => instant([y, m, d, time.hour, time.minute], place);
  if (month !== undefined) {
    const index = MONTHS.indexOf(month.toLowerCase());
    if (new Date(Date.UTC(2024, index, Number(day))).getUTCMonth() !== index) return undefined;
    const given = at(year === undefined ? today.year : Number(year), index, Number(day));
    const isOfNextYear = year === undefined && given < nowMs - 2 * DAY_MS;
    return seconds(isOfNextYear ? at(today.year + 1, index, Number(day)) : given);
  }
  if (isTomorrow) return seconds(at(today.year, today.month, today.day + 1));
  const ahead = weekday === undefined ? 0 : (DAYS.indexOf(weekday.toLowerCase()) - today.weekday + 7) % 7;
  const first = at(today.year, today.month, today.day + ahead);
  if (first > nowMs - JUST_PASSED_MS) return seconds(first);
  return seconds(at(today.year, today.month, today.day + ahead + (weekday === undefined ? 1 : 7)));
}

function clockTime(
  hour: string | undefined,
  minute: string | undefined,
  half: string | undefined,
  hasDate: boolean,
): { readonly hour: number; readonly minute: number } | undefined {
  if (hour === undefined) return hasDate ? { hour: 0, minute: 0 } : undefined;
  // A number alone is not a time: `retry 3 times`.
  if (minute === undefined && half === undefined) return hasDate ? { hour: 0, minute: 0 } : undefined;
  const given = Number(hour);
  const isAfternoon = half?.toLowerCase().startsWith('p') === true;
  const whole = half === undefined ? given : (given % 12) + (isAfternoon ? 12 : 0);
  if (whole > 23 || Number(minute ?? 0) > 59 || (half !== undefined && (given < 1 || given > 12))) return undefined;
  return { hour: whole, minute: Number(minute ?? 0) };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** Abbreviations of zones, each with the clock changes of its place. */
const ZONES_BY_LETTERS: Readonly<Record<string, readonly string[]>> = {
  'America/Los_Angeles': ['PST', 'PDT', 'PT'],
  'America/Denver': ['MST', 'MDT', 'MT'],
  'America/Chicago': ['CST', 'CDT', 'CT'],
  'America/New_York': ['EST', 'EDT', 'ET'],
  'Europe/London': ['BST'],
  'Europe/Berlin': ['CET', 'CEST'],
  'Asia/Tokyo': ['JST'],
};

function zoneNamed(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const [byLetters] = Object.entries(ZONES_BY_LETTERS).find(([, letters]) => letters.includes(name)) ?? [];
  if (byLetters !== undefined) return byLetters;
  const [, sign, hours] = /^(?:UTC|GMT)([+-])(\d{1,2})$/.exec(name) ?? [];
  // The signs of these names are inverted.
  const zone = hours === undefined ? name : `Etc/GMT${sign === '+' ? '-' : '+'}${Number(hours)}`;
  return isZone(zone) ? zone : undefined;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

interface WallTime {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  /** From Sunday, 0. */
  readonly weekday: number;
  /** As if the zone were UTC, in milliseconds. */
  readonly asUtcMs: number;
}

function wallTime(ms: number, timeZone: string): WallTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  });
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const [year, month, day] = [of('year'), of('month') - 1, of('day')];
  const asUtcMs = Date.UTC(year, month, day, of('hour'), of('minute'), of('second'));
  return { year, month, day, weekday: new Date(asUtcMs).getUTCDay(), asUtcMs };
}

/** The moment of a wall time in a zone; a skipped wall time counts as the same time after the clock change. */
function instant(
  [year, month, day, hour, minute]: readonly [number, number, number, number, number],
  zone: string,
): number {
  const asUtcMs = Date.UTC(year, month, day, hour, minute);
  const offsetAt = (ms: number): number => wallTime(ms, zone).asUtcMs - Math.floor(ms / 1000) * 1000;
  const guess = asUtcMs - offsetAt(asUtcMs);
  return asUtcMs - offsetAt(guess);
}
