/**
 * The token counts that a wrapper writes next to its output: `Tokens: 1200 in / 340 out`
 * (`docs/design/agents.md#endings`).
 */

export interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export function tokensInSummary(text: string): TokenCounts | undefined {
  const match = /^Tokens: (\d+) in \/ (\d+) out$/m.exec(text.replaceAll('\r', ''));
  if (match === null) return undefined;
  return { inputTokens: Number(match[1]), outputTokens: Number(match[2]) };
}
