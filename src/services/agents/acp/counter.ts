/** Counts what an agent did in a session. */
import { defined } from '../../../kernel/defined';
import { AGENT_ENDED } from '../../../host/session/connection/protocol';
import { copyOf, endOf, RecentMap, startOf } from '../output/bounded';
import type { EventCounter } from '../output/eventReader';
import type { PrintedLines } from '../output/printedLines';
import { EMPTY_REPORT, idOf, messageOf, type AgentReport } from '../output/report';
import { PendingDecisions } from './decisions';
import type { AcpEvent, AcpEventOf } from './lines';
import { SessionUsage } from './usage';

/** A call that is updated after that many others is counted again. */
const MOST_CALLS = 1000;
const MOST_ID_LENGTH = 200;

/** More than a report keeps of a message. */
const HELD_MESSAGE = 131_072;

/** The turn ended, but not with its work done. */
const FAILED_STOPS: ReadonlyMap<string, string> = new Map([
  ['refusal', 'the model refused the request'],
  ['max_tokens', 'the turn reached the token limit of the model'],
  ['max_turn_requests', 'the turn reached its limit of requests'],
]);

export class AcpCounter implements EventCounter<AcpEvent> {
  private counted: AgentReport = EMPTY_REPORT;
  /** The report with everything; undefined if something was counted since. */
  private whole: AgentReport | undefined = EMPTY_REPORT;
  private readonly usage = new SessionUsage();
  private readonly calls = new RecentMap<true>(MOST_CALLS);
  readonly decisions = new PendingDecisions();
  private message = '';
  private messageId: string | undefined;
  /** The next text without an id is another message. */
  private isMessageClosed = true;
  private isReplaying = false;

  constructor(private readonly printed: PrintedLines) {}

  get report(): AgentReport {
    this.whole ??= {
      ...this.counted,
      ...this.usage.reported,
      ...(this.message === '' ? {} : { finalMessage: messageOf(this.message) }),
    };
    return this.whole;
  }

  readonly count = (event: AcpEvent): void => {
    if (event.type === 'quiet') return;
    this.whole = undefined;
    switch (event.type) {
      case 'printed':
      case 'stderr':
        this.printed.add(event.text);
        return;
      case 'opened':
        this.open(event);
        return;
      case 'replaying':
        this.isReplaying = event.isOn;
        if (event.isOn) this.usage.endProcess();
        return;
      case 'turn':
        this.startTurn();
        return;
      case 'turnEnded':
        this.endTurn(event);
        return;
      case 'usage':
        this.usage.takeUpdate(event);
        return;
      case 'chunk':
        if (!this.isReplaying) this.takeChunk(event);
        return;
      case 'toolCall':
        if (!this.isReplaying) this.countCall(event);
        return;
      case 'asked':
        this.decisions.ask(event);
        return;
      case 'decided':
        this.decisions.decide(event);
        return;
      case 'command':
      case 'skipped':
      case 'plan':
      case 'mode':
      case 'notice':
    }
  };

  private open({ sessionId, agent, usage }: AcpEventOf<'opened'>): void {
    this.usage.open(usage);
    const version = idOf(agent.trim().split(/\s+/).at(-1));
    this.counted = { ...withoutFailure(this.counted), ...defined({ sessionId: idOf(sessionId), version }) };
  }

  private startTurn(): void {
    this.usage.startTurn();
    this.isMessageClosed = true;
    this.counted = { ...withoutFailure(this.counted), turns: this.counted.turns + 1 };
  }

  /** A turn that succeeds makes an earlier failure obsolete. */
  private endTurn({ stopReason, error, usage }: AcpEventOf<'turnEnded'>): void {
    this.isMessageClosed = true;
    this.usage.endTurn(usage);
    const failed = FAILED_STOPS.get(stopReason ?? '');
    if (error !== null) {
      // What it printed says why an agent ended.
      if (error.code !== AGENT_ENDED) this.fail(String(error.code), error.message);
    } else if (failed !== undefined) this.fail(stopReason ?? '', failed);
  }

  private fail(code: string, message: string): void {
    const failure = messageOf(message.trim() === '' ? `the agent reported the error ${code}` : message);
    this.counted = { ...this.counted, failure, failureCode: code };
  }

  private takeChunk({ speaker, messageId, text, meta }: AcpEventOf<'chunk'>): void {
    this.usage.takeChunk(meta);
    if (text === '') return;
    if (speaker !== 'agent') {
      this.isMessageClosed = true;
      return;
    }
    const id = messageId === undefined ? undefined : copyOf(startOf(messageId, MOST_ID_LENGTH));
    const isSame = id === this.messageId && (id !== undefined || !this.isMessageClosed);
    if (!isSame) {
      this.message = '';
      this.counted = { ...this.counted, messages: this.counted.messages + 1 };
    }
    this.messageId = id;
    this.isMessageClosed = false;
    this.message += text;
    if (this.message.length > 2 * HELD_MESSAGE) this.message = endOf(this.message, HELD_MESSAGE);
  }

  private countCall({ call }: AcpEventOf<'toolCall'>): void {
    this.isMessageClosed = true;
    const id = startOf(call.toolCallId, MOST_ID_LENGTH);
    if (this.calls.get(id) === undefined) this.counted = { ...this.counted, commands: this.counted.commands + 1 };
    this.calls.set(id, true);
  }
}

function withoutFailure(report: AgentReport): AgentReport {
  const { failure, failureCode, ...rest } = report;
  return failure === undefined && failureCode === undefined ? report : rest;
}
