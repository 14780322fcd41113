/** The report of an agent's output, shared by the readers of all kinds (`docs/design/agents.md`). */
import type { KindUsage } from '../../../contract/agentKinds';
import type { NewDecision } from '../../../kernel/dispatch/newDecision';
import type { DispatchProgress } from '../../../kernel/dispatch/model';
import { storableText, type StorableText } from '../../../kernel/text/storableText';
import { defined } from '../../../kernel/defined';
import { endOf } from './bounded';

/**
 * Totals so far. Input tokens are those the model read or wrote to its cache; those read from the cache are `cacheHits`
 * (`docs/design/formats.md#tokens-and-budgets`).
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
  /** Whether the output reported tokens. If not, the figures are zero because they are missing. */
  readonly tokensReported?: boolean;
  /** The last message of the agent, which may contain a verdict. */
  readonly finalMessage?: StorableText;
  /** A failure that the agent reported, independent of its exit code. */
  readonly failure?: StorableText;
  /** The agent's own name for the kind of failure. */
  readonly failureCode?: string;
  /** The reset time of the limit that refused the agent: in unix seconds, or in seconds from the end. */
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

/** The length kept of a printed text, in UTF-16 units. A verdict is at the end of a message. */
const MOST_KEPT = 65_536;
const MOST_ID_LENGTH = 200;

/** A message of the agent, shortened for a report. */
export function messageOf(text: string): StorableText {
  return storableText(endOf(text, MOST_KEPT), MOST_KEPT);
}

/** An id that the agent created; undefined if it is missing or too long to store. */
export function idOf(id: string | undefined): StorableText | undefined {
  if (id === undefined || id === '' || id.length > MOST_ID_LENGTH) return undefined;
  const stored = storableText(id, MOST_ID_LENGTH);
  return stored === id ? stored : undefined;
}

/** A figure as a whole number that can be stored. */
export function countOf(figure: number | undefined): number | undefined {
  return figure === undefined || figure > Number.MAX_SAFE_INTEGER ? undefined : Math.floor(figure);
}

/** Reads one agent's output line by line. Unknown lines change nothing. */
export interface OutputReader {
  read(line: string): void;
  readonly report: AgentReport;
  /** Unknown parts of the output, with counts. */
  readonly drift: ReadonlyMap<string, number>;
  /** The last lines that are not events, within bounds. */
  readonly otherLines: readonly string[];
  /** Of kinds that run in sessions. */
  readonly decisions?: UnrecordedDecisions | undefined;
}

/** Decisions about requests of the agent that are not in the record yet. */
export interface UnrecordedDecisions {
  readonly list: readonly NewDecision[];
  /** The first of the list are in the record. */
  forget(count: number): void;
}

/**
 * The part of a report that the kernel stores. A figure of 0 without reported tokens means unknown and must not
 * overwrite a stored figure. Tokens that were reported as 0 are known.
 */
export function progressOf(report: AgentReport, prices?: KindUsage): DispatchProgress {
  const { turns, commands, messages, inputTokens, outputTokens, cacheHits, sessionId, costUsd } = report;
  const hasTokens = report.tokensReported === true;
  const figures = { turns, commands, messages, inputTokens, outputTokens, cacheHits };
  const priced = hasTokens && prices !== undefined ? pricedMicros(report, prices) : undefined;
  return {
    ...Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure > 0)),
    ...(hasTokens ? { inputTokens, outputTokens } : {}),
    ...defined({ pricedCostMicros: priced, sessionId, costUsd }),
  };
}

/** Dollars per million tokens equal micro-dollars per token. Undefined without prices: an unknown cost is not zero. */
function pricedMicros(
  { inputTokens, outputTokens, cacheHits }: AgentReport,
  { inputUsdPerMillion, outputUsdPerMillion, cacheUsdPerMillion = 0 }: KindUsage,
): number | undefined {
  if (inputUsdPerMillion === undefined || outputUsdPerMillion === undefined) return undefined;
  return Math.ceil(
    inputTokens * inputUsdPerMillion + outputTokens * outputUsdPerMillion + cacheHits * cacheUsdPerMillion,
  );
}

/** Colors and cursor movements of a progress line that was not ended with a line end. */
const CONTROLS = /^(?:\s|\u001b\[[0-9;?]*[ -/]*[@-~])+/;

/**
 * A JSON line as a value, or undefined: agents mix warnings and stack traces into their output. A byte order mark may
 * come first, and an overwritten progress line may precede or follow it.
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

/** A line without the remains of a progress line before it. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, '');
}

function parsed(text: string): unknown {
  const json = withoutControls(text);
  if (!json.startsWith('{')) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    // Two writers of one log may have split each other's lines.
    return undefined;
  }
}
