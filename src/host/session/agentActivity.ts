/** What an agent is doing, from its notifications: its last tool call or message, its plan, and its mode. */
import type { SessionState } from '../../contract/sessions';
import { startOf } from '../../kernel/text/storableText';
import { sessionUpdate, threadStatus, type SessionUpdate } from './connection/protocol';
import { modeOf } from './sessionOpening';

const MAX_LENGTH = 200;
const MAX_ERROR_LENGTH = 2000;

export interface ActivityListener {
  /** An update of a tool call. Returns its title. */
  readonly onCall: (update: SessionUpdate) => string | undefined;
  /** The agent works on: it started a call or wrote a message. */
  readonly onSign: () => void;
  readonly onMode: (mode: string) => void;
  /** The turn has failed, though the agent may end it as done. `text`: what it said of that so far. */
  readonly onBroken: (text: string) => void;
  /** The agent withdraws the request with this id. */
  readonly onWithdrawn: (id: unknown) => void;
  /** What is shown has changed. */
  readonly onChange: () => void;
}

export class AgentActivity {
  /** The last tool call or the start of the last message. */
  text = '';
  plan: SessionState['plan'] = null;
  /** What the agent has said since its turn failed. */
  private broken: string | undefined;

  constructor(private readonly listener: ActivityListener) {}

  take(method: string, params: unknown): void {
    if (method === '$/cancel_request') {
      const id = typeof params === 'object' && params !== null && 'requestId' in params ? params.requestId : undefined;
      this.listener.onWithdrawn(id);
      return;
    }
    const update = method === 'session/update' ? sessionUpdate.safeParse(params).data?.update : undefined;
    if (update !== undefined) this.note(update);
  }

  private note(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case 'tool_call':
        this.listener.onSign();
        this.show(this.listener.onCall(update) ?? '');
        return;
      case 'tool_call_update':
        this.show(this.listener.onCall(update) ?? '');
        return;
      case 'agent_message_chunk': {
        const text = textOf(update.content);
        this.listener.onSign();
        this.show(text);
        if (this.broken !== undefined) this.noteBroken(this.broken + text);
        return;
      }
      case 'session_info_update': {
        const status = threadStatus.safeParse(update._meta).data?.codex.threadStatus.type;
        if (status === 'systemError') this.noteBroken('');
        else if (status !== undefined) this.broken = undefined;
        return;
      }
      case 'plan': {
        const entries = update.entries ?? [];
        this.plan = { done: entries.filter(({ status }) => status === 'completed').length, all: entries.length };
        this.listener.onChange();
        return;
      }
      case 'current_mode_update':
        this.noteMode(update.currentModeId);
        return;
      case 'config_option_update':
        this.noteMode(modeOf(update.configOptions ?? []));
        return;
      default:
    }
  }

  private noteBroken(text: string): void {
    this.broken = startOf(text, MAX_ERROR_LENGTH);
    this.listener.onBroken(this.broken);
  }

  private noteMode(mode: string | undefined): void {
    if (mode !== undefined) this.listener.onMode(mode);
  }

  private show(text: string): void {
    const shown = startOf(text.replace(/\s+/g, ' ').trim(), MAX_LENGTH);
    if (shown === '' || shown === this.text) return;
    this.text = shown;
    this.listener.onChange();
  }
}

function textOf(content: unknown): string {
  if (typeof content !== 'object' || content === null || !('text' in content)) return '';
  return typeof content.text === 'string' ? content.text : '';
}
