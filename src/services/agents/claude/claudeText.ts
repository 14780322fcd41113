/** The lines of the Claude CLI's `--output-format stream-json` in readable text. */
import * as z from 'zod';
import { shallowJson } from '../output/bounded';
import { about, cameOut, ran, said, used, wentWrong } from '../output/logParts';

const block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), thinking: z.string() }),
  z.object({ type: z.literal('tool_use'), name: z.string(), input: z.unknown() }),
]);
const command = z.object({ command: z.string() });

const textBlocks = z.array(z.looseObject({ type: z.string(), text: z.string().optional() }));
const toolResult = z.object({
  type: z.literal('tool_result'),
  content: z.union([z.string(), textBlocks]).optional(),
  is_error: z.boolean().optional(),
});

const claudeLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('system'),
    subtype: z.string(),
    model: z.string().optional(),
    cwd: z.string().optional(),
    error: z.string().optional(),
  }),
  z.object({ type: z.literal('assistant'), message: z.object({ content: z.array(block) }) }),
  z.object({ type: z.literal('user'), message: z.object({ content: z.array(toolResult) }) }),
  z.object({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean(),
    duration_ms: z.number().optional(),
    num_turns: z.number().optional(),
    result: z.string().optional(),
    total_cost_usd: z.number().optional(),
  }),
]);

type Block = z.infer<typeof block>;
type ToolResult = z.infer<typeof toolResult>;
type Result = Extract<z.infer<typeof claudeLine>, { type: 'result' }>;

/** Undefined for an unknown line. */
export function claudeText(value: unknown): string[] | undefined {
  const line = claudeLine.safeParse(value).data;
  if (line === undefined) return undefined;
  switch (line.type) {
    case 'system':
      return line.subtype === 'init' ? about('session', line.model, line.cwd) : about(line.subtype, line.error);
    case 'assistant':
      return line.message.content.flatMap(blockText);
    case 'user':
      return line.message.content.flatMap(resultText);
    case 'result':
      return endText(line);
  }
}

function blockText(block: Block): string[] {
  switch (block.type) {
    case 'text':
      return said(block.text);
    case 'thinking':
      return said(block.thinking).map((line) => (line === '' ? line : `~ ${line}`));
    case 'tool_use': {
      const shell = block.name === 'Bash' ? command.safeParse(block.input).data : undefined;
      return shell === undefined ? used(block.name, shallowJson(block.input ?? {})) : ran(shell.command);
    }
  }
}

function resultText({ content = '', is_error }: ToolResult): string[] {
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? `[${part.type}]`).join('\n');
  return is_error === true ? wentWrong(text) : cameOut(text);
}

/** The result repeats the last message, unless it reports a failure. */
function endText(line: Result): string[] {
  const failed = line.is_error || line.subtype !== 'success';
  const end = about(
    line.subtype,
    line.num_turns === undefined ? undefined : `${line.num_turns} turns`,
    line.duration_ms === undefined ? undefined : `${(line.duration_ms / 1000).toFixed(1)} s`,
    line.total_cost_usd === undefined ? undefined : `$${line.total_cost_usd.toFixed(4)}`,
  );
  return failed && line.result !== undefined ? [...end, ...wentWrong(line.result)] : end;
}
