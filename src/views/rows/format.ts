/** Times, lengths of time and amounts as people read them. */
import type { Localizer } from './localizer';
import { once } from '../../kernel/once';
import { shortened } from '../../kernel/text/storableText';

/**
 * Writes figures in the editor's language and the machine's time zone. Each format is made when it is first used: a
 * view uses few of them.
 */
export class Formats {
  private readonly timeOfDay = once(() => new Intl.DateTimeFormat(this.locale, { timeStyle: 'short' }));
  private readonly dayAndTime = once(
    () => new Intl.DateTimeFormat(this.locale, { dateStyle: 'medium', timeStyle: 'medium' }),
  );
  private readonly dayOnly = once(
    () => new Intl.DateTimeFormat(this.locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }),
  );
  private readonly compact = once(
    () => new Intl.NumberFormat(this.locale, { notation: 'compact', maximumFractionDigits: 1 }),
  );
  private readonly whole = once(() => new Intl.NumberFormat(this.locale));
  private readonly money = once(
    () => new Intl.NumberFormat(this.locale, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' }),
  );

  constructor(
    readonly l10n: Localizer,
    private readonly locale: string,
  ) {}

  /** Loads the runtime's data on languages, which takes 20 ms once: called before the first rows are drawn. */
  prepare(): void {
    this.whole();
    this.timeOfDay();
  }

  /** `14:03`, for moments of the day the row stands under. */
  time(unixSeconds: number): string {
    return formatted(this.timeOfDay(), unixSeconds);
  }

  moment(unixSeconds: number): string {
    return formatted(this.dayAndTime(), unixSeconds);
  }

  /** A day as `dayKey` gives it, with its weekday. */
  day(key: string): string {
    return key === UNKNOWN_DAY ? this.l10n.t('Day unknown') : this.dayOnly().format(new Date(`${key}T12:00:00`));
  }

  /** `42 s`, `3 min 5 s`, `1 h 20 min`. */
  duration(seconds: number): string {
    const { l10n } = this;
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    if (hours > 0) return l10n.t('{0} h {1} min', hours, minutes);
    if (minutes > 0) return l10n.t('{0} min {1} s', minutes, seconds % 60);
    return l10n.t('{0} s', Math.max(0, seconds));
  }

  /** `12.3K`. */
  amount(count: number): string {
    return this.compact().format(count);
  }

  count(count: number): string {
    return this.whole().format(count);
  }

  /** US dollars, as agents tell their cost: `$0.42`. */
  dollars(amount: number): string {
    return this.money().format(amount);
  }
}

/** The day of moments that are none. */
const UNKNOWN_DAY = '';

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;

/** The local day of a moment as `2026-01-31`; days compare as text. */
export function dayKey(unixSeconds: number): string {
  if (!isMoment(unixSeconds)) return UNKNOWN_DAY;
  const date = new Date(unixSeconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A list with the newest moments first, by local day. The calendar is asked once for each day, not for each item. */
export function byDay<T>(newestFirst: readonly T[], momentOf: (item: T) => number): ReadonlyMap<string, readonly T[]> {
  const days = new Map<string, T[]>();
  let day: T[] = [];
  let startsAt = Number.POSITIVE_INFINITY;
  for (const item of newestFirst) {
    const moment = momentOf(item);
    if (moment < startsAt) {
      const key = dayKey(moment);
      day = days.get(key) ?? [];
      days.set(key, day);
      startsAt = dayStart(moment);
    }
    day.push(item);
  }
  return days;
}

/** When the local day of a moment started, in unix seconds; all that is no moment is one day. */
function dayStart(unixSeconds: number): number {
  if (unixSeconds > LAST_SECOND) return LAST_SECOND + 1;
  return unixSeconds < 0 ? Number.NEGATIVE_INFINITY : new Date(unixSeconds * 1000).setHours(0, 0, 0, 0) / 1000;
}

/** The first line of a text, at most `longest` characters of it. */
export function headline(text: string, longest = 120): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? '';
  return shortened(line, longest);
}

/** A number that is no moment of our calendar, which any program may have stored, is shown as it is. */
function formatted(format: Intl.DateTimeFormat, unixSeconds: number): string {
  return isMoment(unixSeconds) ? format.format(unixSeconds * 1000) : String(unixSeconds);
}

function isMoment(unixSeconds: number): boolean {
  return unixSeconds >= 0 && unixSeconds <= LAST_SECOND;
}

/** Any text as Markdown that shows it as it is, on one line: no emphasis, link, icon or HTML comes of it. */
export function literalMarkdown(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
