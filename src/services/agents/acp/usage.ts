/**
 * Tokens and cost of a session, by what the agent's figures mean (`docs/design/sessions.md#usage`). A sum covers all
 * processes of the agent in one log. The history of a loaded session is not counted.
 */
import * as z from 'zod';
import type { UsageMeaning } from '../../../contract/usageMeanings';
import { turnUsage } from '../../../host/session/connection/protocol';
import { countOf, type AgentReport } from '../output/report';
import type { AcpEventOf } from './lines';
import { defined } from '../../../kernel/defined';

interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheHits: number;
}

export type ReportedUsage = Pick<
  AgentReport,
  'inputTokens' | 'outputTokens' | 'cacheHits' | 'tokensReported' | 'costUsd' | 'resetsAtSec'
>;

const NO_TOKENS: Tokens = { input: 0, output: 0, cacheHits: 0 };

export class SessionUsage {
  private meaning: UsageMeaning = 'none';
  private tokens = NO_TOKENS;
  private hasTokens = false;
  private cost: number | undefined;
  private resetsAtSec: number | undefined;
  /** Of the current process: its tokens where they are a sum already, and its cost, which always is. */
  private processTokens = NO_TOKENS;
  private processCost = 0;
  /** A session that was loaded starts with the cost of its history. */
  private costBefore = 0;
  private costOfProcesses = 0;
  private hasTurn = false;

  open(meaning: UsageMeaning): void {
    this.endProcess();
    this.meaning = meaning;
  }

  startTurn(): void {
    this.hasTurn = true;
  }

  /** The agent counts from zero again. */
  endProcess(): void {
    if (!this.hasTurn) return;
    this.hasTurn = false;
    this.tokens = plus(this.tokens, this.processTokens);
    this.processTokens = NO_TOKENS;
    this.costOfProcesses += this.processCost - this.costBefore;
    this.processCost = 0;
    this.costBefore = 0;
  }

  /** The answer to a prompt. */
  endTurn(answer: AcpEventOf<'turnEnded'>['usage']): void {
    const usage = turnUsage.parse(answer?.usage);
    const { rows, total } = quotaOf(answer?._meta);
    switch (this.meaning) {
      case 'turn': {
        // The rows of models include agents of the agent.
        const own = usage === undefined ? undefined : separate(usage);
        this.add(rows !== undefined && sumOf(rows) >= sumOf(own ?? NO_TOKENS) ? rows : own);
        return;
      }
      case 'turnWithCache':
        this.add(usage === undefined ? total : combined(usage));
        return;
      case 'lastRequest':
        // Less than the turn used, so it is shown and has no price.
        if (usage !== undefined) this.tokens = plus(this.tokens, separate(usage));
        return;
      case 'process':
        if (usage !== undefined) this.replace(combined(usage));
        return;
      case 'requests':
      case 'none':
    }
  }

  /** The usage of one request, with a part of a message. */
  takeChunk(meta: unknown): void {
    if (this.meaning !== 'requests') return;
    const usage = requestUsage.safeParse(meta).data?.usage;
    if (usage !== undefined) this.add(combined(usage));
  }

  takeUpdate({ costUsd, meta }: AcpEventOf<'usage'>): void {
    const limit = limitInMeta.safeParse(meta).data?.['_claude/rateLimit'];
    if (limit?.status === 'rejected' && limit.resetsAt !== undefined) this.resetsAtSec = limit.resetsAt;
    if (costUsd === undefined) return;
    if (!this.hasTurn) this.costBefore = costUsd;
    else {
      // Less than before: the agent counts from zero again.
      if (costUsd < this.processCost) {
        this.costOfProcesses += this.processCost - this.costBefore;
        this.costBefore = 0;
      }
      this.cost = Math.max(0, this.costOfProcesses + costUsd - this.costBefore);
    }
    this.processCost = costUsd;
  }

  get reported(): ReportedUsage {
    const { input, output, cacheHits } = plus(this.tokens, this.processTokens);
    return {
      inputTokens: input,
      outputTokens: output,
      cacheHits,
      ...(this.hasTokens ? { tokensReported: true } : {}),
      ...defined({ costUsd: this.cost, resetsAtSec: this.resetsAtSec }),
    };
  }

  private add(tokens: Tokens | undefined): void {
    if (tokens === undefined) return;
    this.tokens = plus(this.tokens, tokens);
    this.hasTokens = true;
  }

  private replace(tokens: Tokens): void {
    if (sumOf(tokens) < sumOf(this.processTokens)) this.tokens = plus(this.tokens, this.processTokens);
    this.processTokens = tokens;
    this.hasTokens = true;
  }
}

const figure = z.number().min(0).optional().catch(undefined);

/** Fields of Claude and Codex are in camel case, those of Gemini in snake case. */
const tokenCount = z.object({
  inputTokens: figure,
  cachedInputTokens: figure,
  cachedWriteTokens: figure,
  cacheWriteInputTokens: figure,
  outputTokens: figure,
  input_tokens: figure,
  output_tokens: figure,
});

const quotaInMeta = z.object({
  quota: z.object({
    token_count: tokenCount.optional().catch(undefined),
    model_usage: z.array(z.object({ token_count: tokenCount })).catch([]),
  }),
});

const requestUsage = z.object({ usage: turnUsage });

const limitInMeta = z.object({ '_claude/rateLimit': z.object({ status: z.string(), resetsAt: figure }) });

/** `rows`: the sum over models, with cached tokens apart from the input. `total`: with cached ones in it. */
function quotaOf(meta: unknown): { readonly rows: Tokens | undefined; readonly total: Tokens | undefined } {
  const { token_count: count, model_usage: models = [] } = quotaInMeta.safeParse(meta).data?.quota ?? {};
  const rows = models.map(({ token_count: each }) => ({
    input: whole(each.inputTokens) + whole(each.cachedWriteTokens) + whole(each.cacheWriteInputTokens),
    output: whole(each.outputTokens),
    cacheHits: whole(each.cachedInputTokens),
  }));
  const { input_tokens: input, output_tokens: output } = count ?? {};
  return {
    rows: rows.length === 0 ? undefined : rows.reduce(plus),
    total:
      input === undefined && output === undefined
        ? undefined
        : { input: whole(input), output: whole(output), cacheHits: 0 },
  };
}

type TurnUsage = NonNullable<z.infer<typeof turnUsage>>;

/** Cached tokens are apart from the input. What was written to the cache counts as input. */
function separate({ inputTokens, outputTokens, cachedReadTokens, cachedWriteTokens }: TurnUsage): Tokens {
  return {
    input: whole(inputTokens) + whole(cachedWriteTokens),
    output: whole(outputTokens),
    cacheHits: whole(cachedReadTokens),
  };
}

/** Cached tokens are in the input. */
function combined({ inputTokens, outputTokens, cachedReadTokens }: TurnUsage): Tokens {
  const cacheHits = Math.min(whole(cachedReadTokens), whole(inputTokens));
  return { input: whole(inputTokens) - cacheHits, output: whole(outputTokens), cacheHits };
}

function whole(count: number | undefined): number {
  return countOf(count) ?? 0;
}

function plus(a: Tokens, b: Tokens): Tokens {
  return { input: a.input + b.input, output: a.output + b.output, cacheHits: a.cacheHits + b.cacheHits };
}

function sumOf({ input, output, cacheHits }: Tokens): number {
  return input + output + cacheHits;
}
