/**
 * Times as the original prints them: RFC 3339 in the process's time zone, `Z` under UTC
 * (`docs/design/formats.md#events`).
 */

const two = (n: number): string => String(n).padStart(2, '0');

/** @example rfc3339(0) === '1970-01-01T00:00:00Z' under UTC */
export function rfc3339(epochMs: number, fraction = ''): string {
  const date = new Date(epochMs);
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}T${time}${fraction === '' ? '' : `.${fraction}`}${zone(date)}`;
}

function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
