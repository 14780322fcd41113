/** Counts what the Codex CLI did. */
import type { EventCounter } from '../output/eventReader';
import type { PrintedLines } from '../output/printedLines';
import { countOf, EMPTY_REPORT, idOf, messageOf, type AgentReport } from '../output/report';
import { defined } from '../../../kernel/defined';
import type { CodexEvent, CodexEventOf, CodexItem, CodexUsage } from './lines';

export class CodexCounter implements EventCounter<CodexEvent> {
  report: AgentReport = EMPTY_REPORT;

  constructor(private readonly printed: PrintedLines) {}

  readonly count = (event: CodexEvent): void => {
    switch (event.type) {
      case 'thread.started':
        this.report = { ...this.report, ...defined({ sessionId: idOf(event.thread_id) }) };
        return;
      case 'item.started':
        this.printed.dropNotices();
        return;
      case 'item.completed':
        if (event.item !== undefined) this.countItem(event.item);
        return;
      case 'turn.completed':
        this.printed.dropNotices();
        this.countUsage(event.usage);
        return;
      case 'turn.failed':
        this.countFailure(event);
        return;
      case 'error':
        this.printed.addNotice(event.message ?? '');
        return;
      case 'turn.started':
      case 'item.updated':
    }
  };

  /** Only a model's answer makes notices obsolete. A finished command may have started before a connection was lost. */
  private countItem(item: CodexItem): void {
    if (item.type === 'agent_message' || item.type === 'reasoning') this.printed.dropNotices();
    if (item.type === 'command_execution') {
      this.report = { ...this.report, commands: this.report.commands + 1 };
    } else if (item.type === 'agent_message') {
      const finalMessage = messageOf(item.text ?? '');
      this.report = { ...this.report, messages: this.report.messages + 1, finalMessage };
    }
  }

  /** An `error` line may be only a warning; a failed turn ends the work. */
  private countFailure({ error }: CodexEventOf<'turn.failed'>): void {
    const fields = typeof error === 'string' ? { message: error } : (error ?? {});
    const { message = '', code, type, resets_at: resetsAtSec, resets_in_seconds: resetsInSec } = fields;
    const failure = messageOf(message.trim() === '' ? 'the agent reported turn.failed' : message);
    this.report = { ...this.report, failure, ...defined({ failureCode: code ?? type, resetsAtSec, resetsInSec }) };
  }

  private countUsage(usage: CodexUsage | undefined): void {
    const { turns, inputTokens, outputTokens, cacheHits } = this.report;
    if (usage === undefined) {
      this.report = { ...this.report, turns: turns + 1 };
      return;
    }
    const cached = countOf(usage.cached_input_tokens) ?? 0;
    this.report = {
      ...this.report,
      turns: turns + 1,
      tokensReported: true,
      // Codex counts cached tokens among the input.
      inputTokens: inputTokens + Math.max(0, (countOf(usage.input_tokens) ?? 0) - cached),
      outputTokens: outputTokens + (countOf(usage.output_tokens) ?? 0),
      cacheHits: cacheHits + cached,
    };
  }
}
