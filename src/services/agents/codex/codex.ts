/** Reads what the Codex CLI prints with `exec --json`. */
import { Drift } from '../output/drift';
import { Fields } from '../output/fields';
import { PrintedLines } from '../output/printedLines';
import { EMPTY_REPORT, idOf, jsonLine, messageOf, type AgentReport, type OutputReader } from '../output/report';
import { defined } from '../../../kernel/defined';

/** Line types without usage figures, as of Codex 0.169.0. */
const OTHER_TYPES = new Set(['turn.started', 'item.updated']);
const OTHER_ITEMS = new Set([
  'reasoning',
  'file_change',
  'mcp_tool_call',
  'collab_tool_call',
  'web_search',
  'todo_list',
  'error',
]);

/** Items that only a model's answer creates. A finished command may have started before a connection was lost. */
const ANSWERS = new Set(['agent_message', 'reasoning']);

export class CodexReader implements OutputReader {
  report: AgentReport = EMPTY_REPORT;
  private readonly seen = new Drift();
  private readonly printed = new PrintedLines();

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
      case 'thread.started': {
        const sessionId = idOf(fields, 'thread_id');
        if (sessionId !== undefined) this.report = { ...this.report, sessionId };
        return;
      }
      case 'item.started':
        this.printed.dropNotices();
        return;
      case 'item.completed':
        this.readItem(fields.fields('item'));
        return;
      case 'turn.completed':
        this.printed.dropNotices();
        this.readUsage(fields.fields('usage'));
        return;
      case 'turn.failed':
        this.readFailure(fields);
        return;
      case 'error':
        this.printed.addNotice(fields.text('message') ?? '');
        return;
      default:
        if (!OTHER_TYPES.has(type)) Fields.of(value, 'line', note)?.unknownType(type);
    }
  }

  private readItem(item: Fields | undefined): void {
    const type = item?.text('type');
    if (item === undefined) return;
    if (ANSWERS.has(type ?? '')) this.printed.dropNotices();
    if (type === 'command_execution') {
      this.report = { ...this.report, commands: this.report.commands + 1 };
    } else if (type === 'agent_message') {
      const finalMessage = messageOf(item.text('text') ?? '');
      this.report = { ...this.report, messages: this.report.messages + 1, finalMessage };
    } else if (type === undefined || !OTHER_ITEMS.has(type)) {
      item.unknownType(type);
    }
  }

  /** An `error` line may be only a warning; a failed turn ends the work. */
  private readFailure(line: Fields): void {
    const error = line.raw('error');
    const fields = typeof error === 'string' ? undefined : line.fields('error');
    const text = typeof error === 'string' ? error : fields?.text('message');
    const resetsIn = fields?.number('resets_in_seconds');
    const resetsAtSec = fields?.number('resets_at');
    const failureCode = fields?.text('code') ?? fields?.text('type');
    const failure = messageOf(text === undefined || text.trim() === '' ? 'the agent reported turn.failed' : text);
    this.report = {
      ...this.report,
      failure,
      ...defined({ failureCode, resetsAtSec, resetsInSec: resetsIn }),
    };
  }

  private readUsage(usage: Fields | undefined): void {
    const { turns, inputTokens, outputTokens, cacheHits } = this.report;
    if (usage === undefined) {
      this.report = { ...this.report, turns: turns + 1 };
      return;
    }
    const cached = usage.count('cached_input_tokens') ?? 0;
    this.report = {
      ...this.report,
      turns: turns + 1,
      tokensReported: true,
      // Codex counts cached tokens among the input.
      inputTokens: inputTokens + Math.max(0, (usage.count('input_tokens') ?? 0) - cached),
      outputTokens: outputTokens + (usage.count('output_tokens') ?? 0),
      cacheHits: cacheHits + cached,
    };
  }
}
