/** When a running agent counts as stuck: a table over observations, so that each sign can be shown and tested. */
import type { AttentionKind } from '../../../contract/results/attention';

/** Observations of one running agent. */
export interface WorkerSigns {
  /** Milliseconds since its output last grew; undefined if it was not checked or does not run. */
  readonly silentMs: number | undefined;
  /** Ended attempts of this round, if none left a change; 0 if there is a change or it was not checked. */
  readonly attemptsUnchanged: number;
  /** The common error of the last attempts of this round, and their number. */
  readonly sameError: { readonly count: number; readonly problem: string } | undefined;
}

/** 0 turns a sign off. */
export interface StuckLimits {
  /** Without output. */
  readonly minutes: number;
  /** That changed nothing, or ended with the same error. */
  readonly attempts: number;
}

export interface StuckSign {
  readonly kind: Extract<AttentionKind, `agent${string}`>;
  readonly facts: Readonly<Record<string, string | number>>;
}

const MINUTE_MS = 60_000;

/** The more specific sign first. */
const RULES: readonly ((signs: WorkerSigns, limits: StuckLimits) => StuckSign | undefined)[] = [
  ({ sameError }, { attempts }) =>
    attempts > 0 && sameError !== undefined && sameError.count >= attempts
      ? { kind: 'agentRepeating', facts: { count: sameError.count, problem: sameError.problem } }
      : undefined,
  ({ attemptsUnchanged }, { attempts }) =>
    attempts > 0 && attemptsUnchanged >= attempts
      ? { kind: 'agentUnchanging', facts: { count: attemptsUnchanged } }
      : undefined,
  ({ silentMs }, { minutes }) =>
    minutes > 0 && silentMs !== undefined && silentMs >= minutes * MINUTE_MS
      ? { kind: 'agentSilent', facts: { minutes: Math.floor(silentMs / MINUTE_MS) } }
      : undefined,
];

/** The first sign that applies; undefined for an agent that makes progress. */
export function stuckSign(signs: WorkerSigns, limits: StuckLimits): StuckSign | undefined {
  for (const rule of RULES) {
    const sign = rule(signs, limits);
    if (sign !== undefined) return sign;
  }
  return undefined;
}

/**
 * How many of the newest errors are the same. Numbers and white space are ignored, because line numbers and times vary.
 */
export function sameErrors(newestFirst: readonly (string | null)[]): WorkerSigns['sameError'] {
  const [newest] = newestFirst;
  if (newest === undefined || newest === null) return undefined;
  const known = gist(newest);
  const other = newestFirst.findIndex((error) => error === null || gist(error) !== known);
  return { count: other < 0 ? newestFirst.length : other, problem: newest };
}

function gist(error: string): string {
  return error.toLowerCase().replace(/\d+/g, '#').replace(/\s+/g, ' ').trim();
}
