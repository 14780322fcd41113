/** What an agent's output tells: the common ground of the kinds' readers (`docs/design/agents.md`). */
import type { KindUsage } from '../../../contract/agentKinds';
import type { DispatchProgress } from '../../../kernel/dispatch/model';
import { storableText, type StorableText } from '../../../kernel/text/storableText';
import { endOf } from './bounded';
import type { Fields } from './fields';

/**
 * Figures so far, absolute. Input tokens are those the model read again, with what it wrote to its cache; those it
 * took from the cache are `cacheHits` (`docs/design/formats.md#tokens-and-budgets`).
 */
export interface AgentReport {
  readonly turns: number;
  readonly commands: number;
  readonly messages: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHits: number;
  readonly sessionId?: StorableText;
  /** Of the agent's program. */
  readonly version?: StorableText;
  readonly costUsd?: number;
  /** Whether the output told of tokens; else their figures are zero for want of any. */
  readonly tokensReported?: boolean;
  /** The last thing the agent said, where a verdict may stand. */
  readonly finalMessage?: StorableText;
  /** What the agent itself calls a failure, whatever its exit code. */
  readonly failure?: StorableText;
  /** The agent's own name for the kind of failure. */
  readonly failureCode?: string;
  /** When a limit that refused the agent resets: in unix seconds, or in seconds from the end. */
  readonly resetsAtSec?: number;
  readonly resetsInSec?: number;
}

export const EMPTY_REPORT: AgentReport = {
  turns: 0,
  commands: 0,
  messages: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheHits: 0,
};

/** What is kept of a text that the agent printed, in UTF-16 units; a verdict is at the end of a message. */
const MOST_KEPT = 65_536;
const MOST_ID_LENGTH = 200;

/** A message of the agent as a report keeps it. */
export function messageOf(text: string): StorableText {
  return storableText(endOf(text, MOST_KEPT), MOST_KEPT);
}

/** An id that the agent made up; undefined where there is none, or one that cannot be stored whole. */
export function idOf(fields: Fields, name: string): StorableText | undefined {
  const id = fields.text(name);
  if (id === undefined || id === '' || id.length > MOST_ID_LENGTH) return undefined;
  const stored = storableText(id, MOST_ID_LENGTH);
  return stored === id ? stored : undefined;
}

/** Reads one agent's output, line by line. A line it does not know changes nothing. */
export interface OutputReader {
  read(line: string): void;
  readonly report: AgentReport;
  /** What was not as we know it, and how often. */
  readonly drift: ReadonlyMap<string, number>;
  /** The last lines that are no events, within bounds. */
  readonly otherLines: readonly string[];
}

/**
 * The part of a report that the kernel stores. A figure of 0 says only that the output told of none, and must not take
 * away what someone else has stored; tokens that were told to be none are known.
 */
export function progressOf(report: AgentReport, prices?: KindUsage): DispatchProgress {
  const { turns, commands, messages, inputTokens, outputTokens, cacheHits, sessionId, costUsd } = report;
  const isTold = report.tokensReported === true;
  const figures = { turns, commands, messages, inputTokens, outputTokens, cacheHits };
  const priced = isTold && prices !== undefined ? pricedMicros(report, prices) : undefined;
  return {
    ...Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure > 0)),
    ...(isTold ? { inputTokens, outputTokens } : {}),
    ...(priced === undefined ? {} : { pricedCostMicros: priced }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

/** Dollars for a million tokens are micro-dollars for one. Undefined without prices: an unknown cost is not zero. */
function pricedMicros(
  { inputTokens, outputTokens, cacheHits }: AgentReport,
  { inputUsdPerMillion, outputUsdPerMillion, cacheUsdPerMillion = 0 }: KindUsage,
): number | undefined {
  if (inputUsdPerMillion === undefined || outputUsdPerMillion === undefined) return undefined;
  return Math.ceil(
    inputTokens * inputUsdPerMillion + outputTokens * outputUsdPerMillion + cacheHits * cacheUsdPerMillion,
  );
}

/** Colors and movements of a progress line, which its writer did not end with a line of its own. */
const CONTROLS = /^(?:\s|\u001b\[[0-9;?]*[ -/]*[@-~])+/;

/**
 * A line of JSON as a value, or undefined: agents mix warnings and stack traces into their output. A byte order mark
 * may come first, and a progress line that was written over may be before or after it.
 */
export function jsonLine(line: string): unknown {
  const whole = parsed(line);
  if (whole !== undefined || !line.includes('\r')) return whole;
  for (const written of line.split('\r')) {
    const value = parsed(written);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A line without what a progress line left before it. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, '');
}

function parsed(text: string): unknown {
  const json = withoutControls(text);
  if (!json.startsWith('{')) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    // Two writers of one log may have cut each other's lines.
    return undefined;
  }
}
