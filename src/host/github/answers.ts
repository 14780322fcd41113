/** The meaning of GitHub's responses to failed requests. Pure. */
import * as z from 'zod';
import { redact } from '../git/redaction';
import { storableText } from '../../kernel/text/storableText';

/** A failed request, as Octokit throws it; without `response` if there was none. */
const requestError = z.object({
  status: z.int(),
  message: z.string(),
  response: z.object({ headers: z.record(z.string(), z.unknown()), data: z.unknown() }).optional(),
});

const errorBody = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string().nullish(), code: z.string().nullish() })]))
    .nullish(),
});

export interface Failure {
  /** 0 if there was no response. */
  readonly status: number;
  /** The reason reported by GitHub, without secrets. */
  readonly problem: string;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Undefined for other errors than failed requests: a bug, or an abort. */
export function failureOf(error: unknown): Failure | undefined {
  const parsed = requestError.safeParse(error);
  if (!parsed.success || (error instanceof Error && error.name === 'AbortError')) return undefined;
  const { status, message, response } = parsed.data;
  if (response === undefined) return { status: 0, problem: redact(message), data: undefined, headers: {} };
  return { status, problem: problemIn(response.data, message), data: response.data, headers: response.headers };
}

/** The message of an error's body, with its messages about single fields. `otherwise`: for a body without one. */
export function problemIn(data: unknown, otherwise = ''): string {
  const body = errorBody.safeParse(data);
  if (!body.success) return redact(firstLine(otherwise));
  const details = (body.data.errors ?? []).map((one) =>
    typeof one === 'string' ? one : (one.message ?? one.code ?? ''),
  );
  return redact([body.data.message, ...details.filter((detail) => detail !== '')].map(firstLine).join('; '));
}

function firstLine(text: string): string {
  return storableText(text.trim().split('\n')[0] ?? '', 500);
}

/** The network or GitHub itself fails temporarily. */
export function isTransient({ status }: Failure): boolean {
  return status === 0 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** The wait after too many requests in a short time, if GitHub names none. */
const SECONDARY_PAUSE_MS = 60_000;

/** When requests are allowed again, in milliseconds since the epoch; undefined if a limit was not the reason. */
export function limitedUntil({ status, problem, headers }: Failure, nowMs: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const after = numberIn(headers['retry-after']);
  if (after !== undefined) return nowMs + after * 1000;
  const reset = numberIn(headers['x-ratelimit-reset']);
  if (numberIn(headers['x-ratelimit-remaining']) === 0 && reset !== undefined) return reset * 1000;
  return status === 429 || /rate limit/i.test(problem) ? nowMs + SECONDARY_PAUSE_MS : undefined;
}

function numberIn(header: unknown): number | undefined {
  const number = typeof header === 'string' && header.trim() !== '' ? Number(header) : NaN;
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
