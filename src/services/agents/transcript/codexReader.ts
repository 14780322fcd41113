/** The transcript of the Codex CLI. */
import { CodexCounter } from '../codex/counter';
import { codexLines, type CodexEvent, type CodexItem } from '../codex/lines';
import { eventParser } from '../output/eventParser';
import { PrintedLines } from '../output/printedLines';
import type { EntryList } from './entries/entryList';
import { PlanEntries } from './entries/planEntries';
import type { TranscriptReader } from './reader';
import { ToolEntries } from './entries/toolEntries';
import { addUsage } from './entries/usageEntry';

const parse = eventParser(codexLines);

export class CodexTranscript implements TranscriptReader {
  private readonly tools: ToolEntries;
  private readonly plans: PlanEntries;
  private readonly counter = new CodexCounter(new PrintedLines());

  constructor(private readonly entries: EntryList) {
    this.tools = new ToolEntries(entries);
    this.plans = new PlanEntries(entries);
  }

  read(line: string): void {
    const parsed = parse(line);
    if (parsed.kind !== 'event') {
      this.entries.print(line);
      return;
    }
    this.counter.count(parsed.event);
    this.take(parsed.event);
  }

  end(): void {
    this.tools.end('unfinished');
  }

  private take(event: CodexEvent): void {
    switch (event.type) {
      case 'thread.started':
        this.entries.note(['session', event.thread_id ?? ''].filter((part) => part !== '').join(' · '));
        return;
      case 'item.started':
      case 'item.updated':
        if (event.item !== undefined) this.takeRunning(event.item);
        return;
      case 'item.completed':
        if (event.item !== undefined) this.takeEnded(event.item);
        return;
      case 'turn.completed':
        this.tools.end('unfinished');
        addUsage(this.entries, this.counter.report);
        return;
      case 'turn.failed':
        this.tools.end('unfinished');
        this.entries.note((typeof event.error === 'string' ? event.error : event.error?.message) ?? '', 'error');
        return;
      case 'error':
        this.entries.note(event.message ?? '', 'error');
        return;
      case 'turn.started':
    }
  }

  private takeRunning(item: CodexItem): void {
    if (item.type === 'command_execution') {
      this.tools.take(item.id, { title: item.command, output: item.aggregated_output, status: 'running' });
    } else if (item.type === 'other') {
      this.tools.take(item.id, { title: titleOf(item), status: 'running' });
    } else if (item.type === 'todo_list') this.takePlan(item);
  }

  private takeEnded(item: CodexItem): void {
    switch (item.type) {
      case 'command_execution': {
        const { id, command, aggregated_output, exit_code = 0 } = item;
        const output = [aggregated_output?.trimEnd() ?? '', ...(exit_code === 0 ? [] : [`exit code ${exit_code}`])];
        const status = exit_code === 0 ? 'completed' : 'failed';
        this.tools.take(id, { title: command, output: output.filter((part) => part !== '').join('\n'), status });
        return;
      }
      case 'agent_message':
        this.entries.message(item.text ?? '');
        return;
      case 'reasoning':
        this.entries.thought(item.text ?? '');
        return;
      case 'file_change': {
        const { changes = [] } = item;
        const title = changes.map(({ kind = '', path = '' }) => `${kind} ${path}`.trim()).join(', ');
        this.tools.take(undefined, { title, paths: changes.flatMap(({ path }) => path ?? []), status: 'completed' });
        return;
      }
      case 'error':
        this.entries.note(item.message ?? '', 'error');
        return;
      case 'todo_list':
        this.takePlan(item);
        return;
      case 'other':
        this.tools.take(item.id, { title: titleOf(item), status: item.status === 'failed' ? 'failed' : 'completed' });
    }
  }

  private takePlan({ items = [] }: Extract<CodexItem, { type: 'todo_list' }>): void {
    this.plans.take(
      items.map(({ text = '', completed }) => ({ text, status: completed === true ? 'completed' : 'pending' })),
    );
  }
}

function titleOf({ server, tool, query }: Extract<CodexItem, { type: 'other' }>): string {
  return [server, tool, query].filter((part) => part !== undefined && part !== '').join(' ');
}
