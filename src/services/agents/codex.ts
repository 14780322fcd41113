/** Reads what the Codex CLI prints with `exec --json`. */
import * as z from 'zod';
import { EMPTY_REPORT, id, jsonLine, message, type AgentReport, type OutputReader } from './report';

const count = z.int().min(0).catch(0);

const codexLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: id }),
  z.object({
    type: z.literal('item.completed'),
    item: z.looseObject({ type: z.string(), text: message.optional() }),
  }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: count, cached_input_tokens: count, output_tokens: count }),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message }) }),
]);

export class CodexReader implements OutputReader {
  report: AgentReport = EMPTY_REPORT;

  read(line: string): void {
    const parsed = codexLine.safeParse(jsonLine(line));
    if (!parsed.success) return;
    const event = parsed.data;
    switch (event.type) {
      case 'thread.started':
        this.report = { ...this.report, sessionId: event.thread_id };
        return;
      case 'item.completed': {
        this.readItem(event.item);
        return;
      }
      case 'turn.completed': {
        this.readUsage(event.usage);
        return;
      }
      case 'turn.failed':
        // An `error` item may be a mere warning; a failed turn is the end of the work.
        this.report = { ...this.report, failure: event.error.message };
        return;
    }
  }

  private readItem(item: { type: string; text?: string | undefined }): void {
    if (item.type === 'command_execution') {
      this.report = { ...this.report, commands: this.report.commands + 1 };
    } else if (item.type === 'agent_message') {
      const finalMessage = item.text ?? '';
      this.report = { ...this.report, messages: this.report.messages + 1, finalMessage };
    }
  }

  private readUsage(usage: { input_tokens: number; cached_input_tokens: number; output_tokens: number }): void {
    const { turns, inputTokens, outputTokens, cacheHits } = this.report;
    this.report = {
      ...this.report,
      turns: turns + 1,
      tokensReported: true,
      // Codex counts cached tokens among the input.
      inputTokens: inputTokens + Math.max(0, usage.input_tokens - usage.cached_input_tokens),
      outputTokens: outputTokens + usage.output_tokens,
      cacheHits: cacheHits + usage.cached_input_tokens,
    };
  }
}
