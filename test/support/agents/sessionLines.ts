/** The log of a session, as its host writes it, with messages as agents send them. */
import type { UsageMeaning } from '../../../src/contract/usageMeanings';
import { LogText } from '../../../src/services/agents/logText';
import type { AgentReport, OutputReader } from '../../../src/services/agents/output/report';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';

/** A permission request of the host. */
export const asked = (number: number, fields: object = {}) => ({
  request: {
    kind: 'permission',
    number,
    askedAtMs: 1,
    title: 'Run `npm test`',
    tool: 'execute',
    paths: [],
    diffs: [],
    mayAllow: true,
    mayDeny: true,
    ...fields,
  },
});

export const decided = (number: number, answer: string, by: object, reason: string | null = null) => ({
  number,
  answer,
  by,
  option: 'allow-once',
  reason,
});

export class SessionLines {
  readonly lines: string[] = [];
  private turns = 0;

  add(type: string, fields: object): this {
    this.lines.push(JSON.stringify({ type, n: this.lines.length + 1, at: 1_790_000_000_000, ...fields }));
    return this;
  }

  opened(usage: UsageMeaning, fields: object = {}): this {
    const own = { sessionId: 'ses_1', how: 'new', agent: 'Some Agent 1.2.3', mode: 'default', usage };
    return this.add('opened', { ...own, ...fields });
  }

  received(message: object): this {
    return this.add('received', { message: { jsonrpc: '2.0', ...message } });
  }

  update(sessionUpdate: string, fields: object = {}): this {
    return this.received({
      method: 'session/update',
      params: { sessionId: 'ses_1', update: { sessionUpdate, ...fields } },
    });
  }

  says(text: string, fields: object = {}): this {
    return this.update('agent_message_chunk', { content: { type: 'text', text }, ...fields });
  }

  turn(fields: object = {}): this {
    this.turns += 1;
    return this.add('turn', { turn: this.turns, text: 'Do it.', by: 'task', ...fields });
  }

  /** `answer`: that of the prompt. */
  ended(answer: { readonly usage?: unknown; readonly _meta?: unknown } | null, fields: object = {}): this {
    return this.add('turnEnded', {
      turn: this.turns,
      stopReason: 'end_turn',
      error: null,
      usage: answer === null ? null : { usage: answer.usage, _meta: answer._meta },
      ...fields,
    });
  }

  read(): OutputReader {
    const reader = AGENT_PROGRAMS.acp.reader();
    for (const line of this.lines) reader.read(line);
    return reader;
  }

  report(): AgentReport {
    return this.read().report;
  }

  text(): string {
    const text = new LogText('acp');
    return [...this.lines.flatMap((line) => text.render(line)), ...text.end()].join('\n').trim();
  }
}
