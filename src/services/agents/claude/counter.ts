/** Counts what the Claude CLI did. */
import { RecentMap } from '../output/bounded';
import type { EventCounter } from '../output/eventReader';
import { countOf, EMPTY_REPORT, idOf, messageOf, type AgentReport } from '../output/report';
import { defined } from '../../../kernel/defined';
import type { ClaudeEvent, ClaudeEventOf, ClaudeLimit, ClaudeUsage } from './lines';

interface Usage {
  readonly input: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  readonly output: number;
}

/** How many messages may be printed interleaved. A message is not printed again after that many others. */
const MOST_MESSAGES = 1000;

export class ClaudeCounter implements EventCounter<ClaudeEvent> {
  report: AgentReport = EMPTY_REPORT;
  /**
   * A message is printed once for each of its blocks with its usage so far, interleaved with messages of subagents. So
   * the usage of the last messages is kept by id.
   */
  private readonly usages = new RecentMap<Usage>(MOST_MESSAGES);
  private sum: Usage = NO_USAGE;
  private unnamed = 0;

  readonly count = (event: ClaudeEvent): void => {
    switch (event.type) {
      case 'system':
        this.countSystem(event);
        return;
      case 'assistant':
        this.countMessage(event);
        return;
      case 'result':
        this.countResult(event);
        return;
      case 'rate_limit_event':
        this.countLimit(event.rate_limit_info);
        return;
      case 'user':
      case 'other':
    }
  };

  private countSystem(event: ClaudeEventOf<'system'>): void {
    if (event.subtype !== 'init') return;
    const sessionId = idOf(event.session_id);
    const version = idOf(event.claude_code_version);
    this.report = { ...this.report, ...defined({ sessionId, version }) };
  }

  private countMessage({ message, error, api_error, rate_limit_info }: ClaudeEventOf<'assistant'>): void {
    // The failure kind, if any, is more exact than the error class.
    const failureCode = api_error ?? error;
    if (failureCode !== undefined) {
      this.report = { ...this.report, failureCode };
      this.countLimit(rate_limit_info);
    }
    if (message === undefined) return;
    const id = idOf(message.id) ?? `unnamed ${(this.unnamed += 1)}`;
    const before = this.usages.get(id);
    const usage = message.usage === undefined ? undefined : usageOf(message.usage);
    const after = usage ?? before ?? NO_USAGE;
    this.usages.set(id, after);
    this.sum = plus(plus(this.sum, before ?? NO_USAGE, -1), after);
    const { content = [] } = message;
    const blocks = typeof content === 'string' ? [] : content;
    const texts =
      typeof content === 'string'
        ? [content]
        : blocks.flatMap((block) => (block.type === 'text' ? [block.text ?? ''] : []));
    const last = texts.at(-1);
    this.report = {
      ...this.report,
      ...(usage === undefined ? {} : tokensOf(this.sum)),
      turns: this.report.turns + (before === undefined ? 1 : 0),
      commands: this.report.commands + blocks.filter(({ type }) => type === 'tool_use').length,
      messages: this.report.messages + texts.length,
      ...(last === undefined ? {} : { finalMessage: messageOf(last) }),
    };
  }

  /** The CLI's own totals of the session, which replace our sums. */
  private countResult(event: ClaudeEventOf<'result'>): void {
    const { subtype, result, usage, total_cost_usd: costUsd, errors = [] } = event;
    const turns = countOf(event.num_turns);
    const sessionId = idOf(event.session_id);
    const failed = event.is_error === true || (subtype !== undefined && subtype !== 'success');
    const { failureCode, ...before } = this.report;
    const reasons = errors.flatMap((error) => (typeof error === 'string' ? [error] : (error.message ?? [])));
    this.report = {
      ...before,
      ...(failed && failureCode !== undefined ? { failureCode } : {}),
      ...(usage === undefined ? {} : tokensOf(usageOf(usage))),
      ...defined({ turns, sessionId, costUsd }),
      ...(result === undefined ? {} : { finalMessage: messageOf(result) }),
      ...(failed ? { failure: messageOf(failureText(subtype, result, reasons)) } : {}),
    };
  }

  private countLimit(limit: ClaudeLimit | undefined): void {
    const resetsAtSec = limit?.status === 'rejected' ? limit.resetsAt : undefined;
    if (resetsAtSec !== undefined) this.report = { ...this.report, resetsAtSec };
  }
}

function failureText(subtype: string | undefined, result: string | undefined, errors: readonly string[]): string {
  const said = [result ?? '', ...errors].map((text) => text.trim()).filter((text) => text !== '');
  return said.length === 0 ? `the agent reported ${subtype ?? 'an error'}` : said.join('\n');
}

const NO_USAGE: Usage = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 };

function usageOf(usage: ClaudeUsage): Usage {
  return {
    input: countOf(usage.input_tokens) ?? 0,
    cacheWrite: countOf(usage.cache_creation_input_tokens) ?? 0,
    cacheRead: countOf(usage.cache_read_input_tokens) ?? 0,
    output: countOf(usage.output_tokens) ?? 0,
  };
}

function plus(a: Usage, b: Usage, sign = 1): Usage {
  return {
    input: a.input + sign * b.input,
    cacheWrite: a.cacheWrite + sign * b.cacheWrite,
    cacheRead: a.cacheRead + sign * b.cacheRead,
    output: a.output + sign * b.output,
  };
}

function tokensOf(
  usage: Usage,
): Pick<AgentReport, 'inputTokens' | 'outputTokens' | 'cacheHits'> & { tokensReported: true } {
  return {
    tokensReported: true,
    inputTokens: usage.input + usage.cacheWrite,
    outputTokens: usage.output,
    cacheHits: usage.cacheRead,
  };
}
