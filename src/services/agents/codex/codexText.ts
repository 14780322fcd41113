/** The lines of the Codex CLI's `exec --json` in readable text. */
import * as z from 'zod';
import { RecentMap, startOf } from '../output/bounded';
import { about, cameOut, ran, said, used, wentWrong } from '../output/logParts';

/** How many running commands are remembered. Beyond that, the oldest is shown again when it ends. */
const MOST_COMMANDS = 200;
const MOST_ID_LENGTH = 200;

const item = z.union([
  z.object({
    id: z.string().transform((id) => startOf(id, MOST_ID_LENGTH)),
    type: z.literal('command_execution'),
    command: z.string(),
    aggregated_output: z.string().default(''),
    exit_code: z.number().nullish(),
  }),
  z.object({ type: z.literal('agent_message'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({
    type: z.literal('file_change'),
    changes: z.array(z.object({ path: z.string(), kind: z.string() })),
  }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
type Item = z.infer<typeof item>;

const count = z.number();
const codexLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({ type: z.literal('turn.started') }),
  z.object({ type: z.literal('item.started'), item }),
  z.object({ type: z.literal('item.updated') }),
  z.object({ type: z.literal('item.completed'), item }),
  z.object({ type: z.literal('turn.completed'), usage: z.object({ input_tokens: count, output_tokens: count }) }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);

/** The lines of one session. Remembers which commands were shown. */
export class CodexText {
  private readonly running = new RecentMap<true>(MOST_COMMANDS);

  /** Undefined for an unknown line. */
  render(value: unknown): string[] | undefined {
    const line = codexLine.safeParse(value).data;
    if (line === undefined) return undefined;
    switch (line.type) {
      case 'thread.started':
        return about('session', line.thread_id);
      case 'turn.started':
      case 'item.updated':
        return [];
      case 'item.started':
        return this.started(line.item);
      case 'item.completed':
        return this.completed(line.item);
      case 'turn.completed':
        return about('turn', `${line.usage.input_tokens} tokens in, ${line.usage.output_tokens} out`);
      case 'turn.failed':
        return wentWrong(line.error.message);
      case 'error':
        return wentWrong(line.message);
    }
  }

  /** A command is shown when it starts; everything else when it is complete. */
  private started(item: Item): string[] {
    if (item.type !== 'command_execution') return [];
    this.running.set(item.id, true);
    return ran(item.command);
  }

  private completed(item: Item): string[] {
    switch (item.type) {
      case 'command_execution': {
        const head = this.running.delete(item.id) ? [] : ran(item.command);
        const exit = item.exit_code ?? 0;
        return [...head, ...cameOut(item.aggregated_output), ...(exit === 0 ? [] : wentWrong(`exit code ${exit}`))];
      }
      case 'agent_message':
        return said(item.text);
      case 'reasoning':
        return said(item.text).map((line) => (line === '' ? line : `~ ${line}`));
      case 'file_change':
        return item.changes.flatMap((change) => used(change.kind, change.path));
      case 'error':
        return wentWrong(item.message);
    }
  }
}
