/** The transcript of the Claude CLI. */
import * as z from 'zod';
import type { TextDiff } from '../../../contract/transcript';
import { ClaudeCounter } from '../claude/counter';
import { claudeLines, type ClaudeBlock, type ClaudeEvent, type ClaudeToolResult } from '../claude/lines';
import { claudeText } from '../claude/renderer';
import { shallowJson } from '../output/bounded';
import { eventParser } from '../output/eventParser';
import type { EntryList } from './entries/entryList';
import { PlanEntries, stepStatus } from './entries/planEntries';
import type { TranscriptReader } from './reader';
import { ToolEntries, type ToolNews } from './entries/toolEntries';
import { addUsage } from './entries/usageEntry';

const parse = eventParser(claudeLines);

/** The inputs of its tools that are shown as more than JSON. */
const text = z.string().optional().catch(undefined);
const shellInput = z.object({ command: z.string() });
const todoInput = z.object({
  todos: z.array(z.object({ content: z.string().catch(''), status: text })),
});
const editInput = z.object({ old_string: z.string(), new_string: z.string() });
const fileInput = z.object({
  file_path: z.string(),
  content: text,
  old_string: text,
  new_string: text,
  edits: z.array(editInput).optional().catch(undefined),
});

export class ClaudeTranscript implements TranscriptReader {
  private readonly tools: ToolEntries;
  private readonly plans: PlanEntries;
  private readonly counter = new ClaudeCounter();

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
    this.take(parsed.event, line);
  }

  end(): void {
    this.tools.end('unfinished');
  }

  private take(event: ClaudeEvent, line: string): void {
    switch (event.type) {
      case 'assistant': {
        const { content = [] } = event.message ?? {};
        if (typeof content === 'string') this.entries.message(content);
        else for (const block of content) this.takeBlock(block);
        return;
      }
      case 'user': {
        const { content = [] } = event.message ?? {};
        if (typeof content === 'string') this.entries.message(content, 'user');
        else for (const result of content) this.takeResult(result);
        return;
      }
      case 'result':
        this.tools.end('unfinished');
        this.shown(event, line);
        addUsage(this.entries, this.counter.report);
        return;
      case 'system':
        this.shown(event, line);
        return;
      case 'rate_limit_event':
      case 'other':
    }
  }

  /** What the log shows as text is shown in the same words. */
  private shown(event: ClaudeEvent, line: string): void {
    const lines = claudeText(event);
    if (lines === undefined) this.entries.print(line);
    for (const shown of lines ?? []) {
      if (shown.startsWith('! ')) this.entries.note(shown.slice(2), 'error');
      else this.entries.note(shown.replace(/^\u2500\u2500 /, ''));
    }
  }

  private takeBlock(block: ClaudeBlock): void {
    switch (block.type) {
      case 'text':
        this.entries.message(block.text ?? '');
        return;
      case 'thinking':
        this.entries.thought(block.thinking ?? '');
        return;
      case 'tool_use': {
        const todos = block.name === 'TodoWrite' ? todoInput.safeParse(block.input).data?.todos : undefined;
        if (todos !== undefined) {
          this.plans.take(todos.map(({ content, status }) => ({ text: content, status: stepStatus(status) })));
        }
        // The result of a call that writes the plan says nothing.
        if (todos === undefined)
          this.tools.take(block.id, { ...useOf(block.name ?? '', block.input), status: 'running' });
        return;
      }
      case 'unknown':
    }
  }

  private takeResult(result: ClaudeToolResult): void {
    if (result.type === 'unknown') return;
    const { tool_use_id: id, content = '', is_error } = result;
    if (id !== undefined && !this.tools.isRunning(id)) return;
    const output =
      typeof content === 'string' ? content : content.map((part) => part.text ?? `[${part.type ?? ''}]`).join('\n');
    this.tools.take(id, { output, status: is_error === true ? 'failed' : 'completed' });
  }
}

function useOf(name: string, input: unknown): ToolNews {
  const shell = shellInput.safeParse(input).data;
  if (shell !== undefined) return { title: shell.command };
  const file = fileInput.safeParse(input).data;
  if (file === undefined) return { title: `${name} ${shallowJson(input ?? {})}` };
  const { file_path: path, content, old_string, new_string, edits = [] } = file;
  const replaced = [
    ...edits,
    ...(old_string === undefined || new_string === undefined ? [] : [{ old_string, new_string }]),
  ];
  const diffs: TextDiff[] = [
    ...(content === undefined ? [] : [{ path, oldText: null, newText: content }]),
    ...replaced.map((edit) => ({ path, oldText: edit.old_string, newText: edit.new_string })),
  ];
  return { title: `${name} ${path}`, paths: [path], diffs };
}
