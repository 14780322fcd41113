/** Local time in readable form with the time zone, because other programs and machines read it too. */
export function minuteOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  const aheadMinutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + aheadMinutes * 60_000).toISOString();
  return `${local.slice(0, local.lastIndexOf(':')).replace('T', ' ')} ${zoneOf(aheadMinutes)}`;
}

function zoneOf(aheadMinutes: number): string {
  if (aheadMinutes === 0) return 'UTC';
  const two = (n: number): string => String(n).padStart(2, '0');
  const size = Math.abs(aheadMinutes);
  return `UTC${aheadMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
