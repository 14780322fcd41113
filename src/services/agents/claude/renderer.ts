/** The events of the Claude CLI in readable text. */
import { counted } from '../../../kernel/errors/reasons/fill';
import * as z from 'zod';
import { shallowJson } from '../output/bounded';
import { about, cameOut, ran, said, used, wentWrong } from '../output/logParts';
import type { ClaudeBlock, ClaudeEvent, ClaudeEventOf, ClaudeToolResult } from './lines';

const command = z.object({ command: z.string() });

/** Undefined for an event that is not readable; its line is then shown unchanged. */
export function claudeText(event: ClaudeEvent): string[] | undefined {
  switch (event.type) {
    case 'system':
      return systemText(event);
    case 'assistant':
      return contentText(event.message?.content, blockText);
    case 'user':
      return contentText(event.message?.content, resultText);
    case 'result':
      return endText(event);
    case 'rate_limit_event':
    case 'other':
      return undefined;
  }
}

function systemText({ subtype, model, cwd, error }: ClaudeEventOf<'system'>): string[] | undefined {
  if (subtype === undefined || typeof error === 'object') return undefined;
  return subtype === 'init' ? about('session', model, cwd) : about(subtype, error);
}

/** Undefined unless every part of the content is readable. */
function contentText<T>(
  content: string | readonly T[] | undefined,
  textOf: (part: T) => string[] | undefined,
): string[] | undefined {
  if (content === undefined || typeof content === 'string') return undefined;
  const texts = content.map(textOf).filter((text) => text !== undefined);
  return texts.length === content.length ? texts.flat() : undefined;
}

function blockText(block: ClaudeBlock): string[] | undefined {
  switch (block.type) {
    case 'text':
      return block.text === undefined ? undefined : said(block.text);
    case 'thinking':
      if (block.thinking === undefined) return undefined;
      return said(block.thinking).map((line) => (line === '' ? line : `~ ${line}`));
    case 'tool_use': {
      if (block.name === undefined) return undefined;
      const shell = block.name === 'Bash' ? command.safeParse(block.input).data : undefined;
      return shell === undefined ? used(block.name, shallowJson(block.input ?? {})) : ran(shell.command);
    }
    case 'unknown':
      return undefined;
  }
}

function resultText(result: ClaudeToolResult): string[] | undefined {
  if (result.type === 'unknown') return undefined;
  const { content = '', is_error } = result;
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const texts = parts.map((part) => part.text ?? (part.type === undefined ? undefined : `[${part.type}]`));
  if (texts.includes(undefined)) return undefined;
  return is_error === true ? wentWrong(texts.join('\n')) : cameOut(texts.join('\n'));
}

/** The result repeats the last message, unless it reports a failure. */
function endText(event: ClaudeEventOf<'result'>): string[] | undefined {
  const { subtype, is_error, result, num_turns, duration_ms, total_cost_usd } = event;
  if (subtype === undefined || is_error === undefined) return undefined;
  const failed = is_error || subtype !== 'success';
  const end = about(
    subtype,
    num_turns === undefined ? undefined : counted(num_turns, 'turns'),
    duration_ms === undefined ? undefined : `${(duration_ms / 1000).toFixed(1)} s`,
    total_cost_usd === undefined ? undefined : `$${total_cost_usd.toFixed(4)}`,
  );
  return failed && result !== undefined ? [...end, ...wentWrong(result)] : end;
}
