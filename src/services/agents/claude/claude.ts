/** Reads what the Claude CLI prints with `--output-format stream-json`. */
import { RecentMap } from '../output/bounded';
import { Drift } from '../output/drift';
import { Fields } from '../output/fields';
import { PrintedLines } from '../output/printedLines';
import { EMPTY_REPORT, idOf, jsonLine, messageOf, type AgentReport, type OutputReader } from '../output/report';
import { defined } from '../../../kernel/defined';

interface Usage {
  readonly input: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  readonly output: number;
}

/** Line types without usage figures, as of Claude Code 2.1.329. */
const OTHER_TYPES = new Set([
  'user',
  'stream_event',
  'tool_progress',
  'tool_use_summary',
  'auth_status',
  'prompt_suggestion',
  'keep_alive',
  'control_request',
  'control_response',
  'control_cancel_request',
  'api_metrics',
  'conversation_reset',
  'thinking_progress',
  'thinking_signature',
  'thinking_dropped',
  'session_notice',
  'transcript_mirror',
  'command_lifecycle',
  'tombstone',
  'attachment',
  'hook_success',
  'task_completed',
  'autocompact_state',
]);

/** How many messages may be printed interleaved. A message is not printed again after that many others. */
const MOST_MESSAGES = 1000;

export class ClaudeReader implements OutputReader {
  report: AgentReport = EMPTY_REPORT;
  private readonly seen = new Drift();
  private readonly printed = new PrintedLines();
  /**
   * A message is printed once for each of its blocks with its usage so far, interleaved with messages of subagents. So
   * the usage of the last messages is kept by id.
   */
  private readonly usages = new RecentMap<Usage>(MOST_MESSAGES);
  private sum: Usage = NO_USAGE;
  private unnamed = 0;

  get drift(): ReadonlyMap<string, number> {
    return this.seen.found;
  }

  get otherLines(): readonly string[] {
    return this.printed.lines;
  }

  read(line: string): void {
    const value = jsonLine(line);
    if (value === undefined) {
      this.printed.add(line);
      return;
    }
    const { note } = this.seen;
    const type = Fields.of(value, 'line', note)?.text('type') ?? '';
    const fields = Fields.of(value, type, note);
    if (fields === undefined) return;
    switch (type) {
      case 'system':
        this.readSystem(fields);
        return;
      case 'assistant':
        this.readMessage(fields);
        return;
      case 'result':
        this.readResult(fields);
        return;
      case 'rate_limit_event':
        this.readLimit(fields.fields('rate_limit_info'));
        return;
      default:
        if (!OTHER_TYPES.has(type)) Fields.of(value, 'line', note)?.unknownType(type);
    }
  }

  private readSystem(line: Fields): void {
    if (line.text('subtype') !== 'init') return;
    const sessionId = idOf(line, 'session_id');
    const version = idOf(line, 'claude_code_version');
    this.report = {
      ...this.report,
      ...defined({ sessionId, version }),
    };
  }

  private readMessage(line: Fields): void {
    // The failure kind, if any, is more exact than the error class.
    const code = line.text('api_error') ?? line.text('error');
    if (code !== undefined) {
      this.report = { ...this.report, failureCode: code };
      this.readLimit(line.fields('rate_limit_info'));
    }
    const message = line.fields('message');
    if (message === undefined) return;
    const id = idOf(message, 'id') ?? `unnamed ${(this.unnamed += 1)}`;
    const before = this.usages.get(id);
    const usageFields = message.fields('usage');
    const usage = usageFields === undefined ? undefined : usageOf(usageFields);
    const after = usage ?? before ?? NO_USAGE;
    this.usages.set(id, after);
    this.sum = plus(plus(this.sum, before ?? NO_USAGE, -1), after);
    const content = message.raw('content');
    const blocks = typeof content === 'string' ? [] : message.list('content');
    const texts =
      typeof content === 'string'
        ? [content]
        : blocks.flatMap((block) => (block.text('type') === 'text' ? [block.text('text') ?? ''] : []));
    const last = texts.at(-1);
    this.report = {
      ...this.report,
      ...(usage === undefined ? {} : tokensOf(this.sum)),
      turns: this.report.turns + (before === undefined ? 1 : 0),
      commands: this.report.commands + blocks.filter((block) => block.text('type') === 'tool_use').length,
      messages: this.report.messages + texts.length,
      ...(last === undefined ? {} : { finalMessage: messageOf(last) }),
    };
  }

  /** The CLI's own totals of the session, which replace our sums. */
  private readResult(line: Fields): void {
    const subtype = line.text('subtype');
    const text = line.text('result');
    const usage = line.fields('usage');
    const turns = line.count('num_turns');
    const sessionId = idOf(line, 'session_id');
    const costUsd = line.number('total_cost_usd');
    const failed = line.flag('is_error') === true || (subtype !== undefined && subtype !== 'success');
    const { failureCode, ...before } = this.report;
    this.report = {
      ...before,
      ...(failed && failureCode !== undefined ? { failureCode } : {}),
      ...(usage === undefined ? {} : tokensOf(usageOf(usage))),
      ...defined({ turns, sessionId, costUsd }),
      ...(text === undefined ? {} : { finalMessage: messageOf(text) }),
      ...(failed ? { failure: messageOf(failureText(subtype, text, line.texts('errors'))) } : {}),
    };
  }

  /** Printed at each change. Only a refusal contains the time when work can continue. */
  private readLimit(limit: Fields | undefined): void {
    if (limit === undefined) return;
    const resetsAt = limit.number('resetsAt');
    const isRefused = limit.text('status') === 'rejected' && resetsAt !== undefined;
    if (isRefused) this.report = { ...this.report, resetsAtSec: resetsAt };
  }
}

function failureText(subtype: string | undefined, result: string | undefined, errors: readonly string[]): string {
  const said = [result ?? '', ...errors].map((text) => text.trim()).filter((text) => text !== '');
  return said.length === 0 ? `the agent reported ${subtype ?? 'an error'}` : said.join('\n');
}

const NO_USAGE: Usage = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 };

function usageOf(usage: Fields): Usage {
  return {
    input: usage.count('input_tokens') ?? 0,
    cacheWrite: usage.count('cache_creation_input_tokens') ?? 0,
    cacheRead: usage.count('cache_read_input_tokens') ?? 0,
    output: usage.count('output_tokens') ?? 0,
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
