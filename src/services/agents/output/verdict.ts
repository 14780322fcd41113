/**
 * The verdict of an agent, from the verdict file or from a block at the end of its last message
 * (`docs/design/agents.md#endings`).
 */
import { storableText, type StorableText } from '../../../kernel/text/storableText';

export interface Verdict {
  /** `pass`, `warn`, `fail`, `reject`, or another word of the agent. */
  readonly status: StorableText;
  readonly summary?: StorableText;
}

const BLOCK_START = '--- VERDICT ---';
const BLOCK_END = '---';
const MAX_STATUS_LENGTH = 200;
const MAX_SUMMARY_LENGTH = 4000;

/** The verdict of a sidecar file: its last STATUS and SUMMARY lines. Undefined without a status. */
export function verdictInFile(text: string): Verdict | undefined {
  return verdictIn(text.split('\n'));
}

/** The verdict of the last block in a message. Similar lines outside a block are ignored. */
export function verdictInMessage(text: string): Verdict | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const start = lines.lastIndexOf(BLOCK_START);
  if (start === -1) return undefined;
  const end = lines.indexOf(BLOCK_END, start + 1);
  return verdictIn(lines.slice(start + 1, end === -1 ? undefined : end));
}

function verdictIn(lines: readonly string[]): Verdict | undefined {
  const status = storableText(lastValue(lines, 'STATUS: ') ?? '', MAX_STATUS_LENGTH);
  if (status === '') return undefined;
  const summary = lastValue(lines, 'SUMMARY: ');
  return summary === undefined ? { status } : { status, summary: storableText(summary, MAX_SUMMARY_LENGTH) };
}

function lastValue(lines: readonly string[], prefix: string): string | undefined {
  return lines
    .findLast((line) => line.startsWith(prefix))
    ?.slice(prefix.length)
    .trim();
}

/**
 * The token counts that a wrapper writes next to its output: `Tokens: 1200 in / 340 out`
 * (`docs/design/agents.md#endings`).
 */
interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export function tokensInSummary(text: string): TokenCounts | undefined {
  const match = /^Tokens: (\d+) in \/ (\d+) out$/m.exec(text.replaceAll('\r', ''));
  if (match === null) return undefined;
  return { inputTokens: Number(match[1]), outputTokens: Number(match[2]) };
}
