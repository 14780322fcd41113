/** Reads what the Claude CLI prints with `--output-format stream-json`. */
import * as z from 'zod';
import { RecentMap } from './bounded';
import { EMPTY_REPORT, id, jsonLine, message, type AgentReport, type OutputReader } from './report';

const count = z.int().min(0).catch(0);

const usage = z.object({
  input_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens: count,
});
type Usage = z.infer<typeof usage>;

const initLine = z.object({ type: z.literal('system'), subtype: z.literal('init'), session_id: id });

const assistantLine = z.object({
  type: z.literal('assistant'),
  message: z.object({
    id,
    usage: usage.optional(),
    content: z.array(z.looseObject({ type: z.string(), text: message.optional() })),
  }),
});

const resultLine = z.object({
  type: z.literal('result'),
  subtype: id,
  is_error: z.boolean().default(false),
  num_turns: z.int().min(0).optional(),
  result: message.optional(),
  session_id: id.optional(),
  total_cost_usd: z.number().min(0).optional(),
  usage: usage.optional(),
});

const claudeLine = z.union([initLine, assistantLine, resultLine]);

/** Messages that are printed in turns; none is printed again after so many others. */
const MOST_MESSAGES = 1000;

export class ClaudeReader implements OutputReader {
  report: AgentReport = EMPTY_REPORT;
  /**
   * A message is printed once for each of its blocks, each time with its usage so far, and those of subagents come in
   * between; so the usage of the last ones is kept by their ids.
   */
  private readonly usages = new RecentMap<Usage>(MOST_MESSAGES);
  private sum: Usage = NO_USAGE;

  read(line: string): void {
    const parsed = claudeLine.safeParse(jsonLine(line));
    if (!parsed.success) return;
    switch (parsed.data.type) {
      case 'system':
        this.report = { ...this.report, sessionId: parsed.data.session_id };
        return;
      case 'assistant': {
        this.readMessage(parsed.data.message);
        return;
      }
      case 'result': {
        this.readResult(parsed.data);
        return;
      }
    }
  }

  private readMessage({ id, usage, content }: z.infer<typeof assistantLine>['message']): void {
    const before = this.usages.get(id);
    const isNew = before === undefined;
    const after = usage ?? before ?? NO_USAGE;
    this.usages.set(id, after);
    this.sum = plus(plus(this.sum, before ?? NO_USAGE, -1), after);
    const texts = content.flatMap((block) => (block.type === 'text' && block.text !== undefined ? [block.text] : []));
    const finalMessage = texts.at(-1) ?? this.report.finalMessage;
    this.report = {
      ...this.report,
      ...(usage === undefined ? {} : tokensOf(this.sum)),
      turns: this.report.turns + (isNew ? 1 : 0),
      commands: this.report.commands + content.filter((block) => block.type === 'tool_use').length,
      messages: this.report.messages + texts.length,
      ...(finalMessage === undefined ? {} : { finalMessage }),
    };
  }

  /** The CLI's own account of the whole session, which replaces the sums made on the way. */
  private readResult(result: z.infer<typeof resultLine>): void {
    const failed = result.is_error || result.subtype !== 'success';
    this.report = {
      ...this.report,
      ...(result.usage === undefined ? {} : tokensOf(result.usage)),
      ...(result.num_turns === undefined ? {} : { turns: result.num_turns }),
      ...(result.session_id === undefined ? {} : { sessionId: result.session_id }),
      ...(result.total_cost_usd === undefined ? {} : { costUsd: result.total_cost_usd }),
      ...(result.result === undefined ? {} : { finalMessage: result.result }),
      ...(failed ? { failure: failureText(result) } : {}),
    };
  }
}

function failureText({ subtype, result }: z.infer<typeof resultLine>): string {
  return result === undefined || result.trim() === '' ? `the agent reported ${subtype}` : result;
}

const NO_USAGE: Usage = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
};

function plus(a: Usage, b: Usage, sign = 1): Usage {
  return {
    input_tokens: a.input_tokens + sign * b.input_tokens,
    cache_creation_input_tokens: a.cache_creation_input_tokens + sign * b.cache_creation_input_tokens,
    cache_read_input_tokens: a.cache_read_input_tokens + sign * b.cache_read_input_tokens,
    output_tokens: a.output_tokens + sign * b.output_tokens,
  };
}

function tokensOf(figures: Usage): Pick<AgentReport, 'inputTokens' | 'outputTokens' | 'cacheHits' | 'tokensReported'> {
  return {
    tokensReported: true,
    inputTokens: figures.input_tokens + figures.cache_creation_input_tokens,
    outputTokens: figures.output_tokens,
    cacheHits: figures.cache_read_input_tokens,
  };
}
