/** The events of the Codex CLI in readable text. */
import { counted } from '../../../kernel/errors/reasons/fill';
import { RecentMap, startOf } from '../output/bounded';
import { about, cameOut, ran, said, used, wentWrong } from '../output/logParts';
import type { CodexEvent, CodexItem } from './lines';

/** How many running commands are remembered. Beyond that, the oldest is shown again when it ends. */
const MOST_COMMANDS = 200;
const MOST_ID_LENGTH = 200;

/** The events of one session. Remembers which commands were shown. */
export class CodexText {
  private readonly running = new RecentMap<true>(MOST_COMMANDS);

  /** Undefined for an event that is not readable; its line is then shown unchanged. */
  render(event: CodexEvent): string[] | undefined {
    switch (event.type) {
      case 'thread.started':
        return event.thread_id === undefined ? undefined : about('session', event.thread_id);
      case 'turn.started':
      case 'item.updated':
        return [];
      case 'item.started':
        return event.item === undefined ? undefined : this.started(event.item);
      case 'item.completed':
        return event.item === undefined ? undefined : this.completed(event.item);
      case 'turn.completed': {
        const { input_tokens: read, output_tokens: written } = event.usage ?? {};
        if (read === undefined || written === undefined) return undefined;
        return about('turn', `${counted(read, 'tokens')} in, ${written} out`);
      }
      case 'turn.failed':
        return failureText(typeof event.error === 'string' ? event.error : event.error?.message);
      case 'error':
        return failureText(event.message);
    }
  }

  /** A command is shown when it starts; everything else when it is complete. */
  private started(item: CodexItem): string[] | undefined {
    switch (item.type) {
      case 'command_execution':
        if (item.id === undefined || item.command === undefined) return undefined;
        this.running.set(startOf(item.id, MOST_ID_LENGTH), true);
        return ran(item.command);
      case 'agent_message':
      case 'reasoning':
      case 'file_change':
      case 'error':
        return [];
      case 'todo_list':
      case 'other':
        return undefined;
    }
  }

  private completed(item: CodexItem): string[] | undefined {
    switch (item.type) {
      case 'command_execution': {
        const { id, command, aggregated_output = '', exit_code = 0 } = item;
        if (id === undefined || command === undefined) return undefined;
        const head = this.running.delete(startOf(id, MOST_ID_LENGTH)) ? [] : ran(command);
        return [
          ...head,
          ...cameOut(aggregated_output),
          ...(exit_code === 0 ? [] : wentWrong(`exit code ${exit_code}`)),
        ];
      }
      case 'agent_message':
        return item.text === undefined ? undefined : said(item.text);
      case 'reasoning':
        return item.text === undefined ? undefined : said(item.text).map((line) => (line === '' ? line : `~ ${line}`));
      case 'file_change': {
        const texts = item.changes?.map(({ kind, path }) =>
          kind === undefined || path === undefined ? undefined : used(kind, path),
        );
        return texts?.some((text) => text === undefined) === true ? undefined : texts?.flatMap((text) => text ?? []);
      }
      case 'error':
        return failureText(item.message);
      case 'todo_list':
      case 'other':
        return undefined;
    }
  }
}

function failureText(message: string | undefined): string[] | undefined {
  return message === undefined ? undefined : wentWrong(message);
}
