/**
 * Durations in arguments and output: `1h30m`, `500ms`, `0`
 * (`docs/design/commandLine.md#text-and-json`).
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds, or undefined if the text is not a duration. Only `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)(.*)$/s.exec(text);
  const body = match?.[2] ?? '';
  if (body === '0') return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
  let total = 0;
  let end = 0;
  for (let found = part.exec(body); found !== null; found = part.exec(body)) {
    total += Number(found[1]) * (UNIT_MS[found[2] ?? ''] ?? 0);
    end = part.lastIndex;
  }
  if (end === 0 || end !== body.length) return undefined;
  return match?.[1] === '-' ? -total : total;
}

/** `400ms`, `2s`, `1m0s`, `1h0m5s`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (Math.abs(ms) < 1000) return `${ms}ms`;
  const sign = ms < 0 ? '-' : '';
  const total = Math.abs(ms);
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor((total % 3_600_000) / 60_000);
  const seconds = Number(((total % 60_000) / 1000).toFixed(9));
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${sign}${head}${seconds}s`;
}
