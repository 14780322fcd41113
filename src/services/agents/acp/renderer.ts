/** The events of a session in readable text. */
import { about } from '../output/logParts';
import type { EventRenderer } from '../output/program';
import type { AcpEvent, AcpEventOf, Speaker } from './lines';
import { MessageLines } from './messageLines';
import { ToolCalls } from './toolCalls';
import { askedText, commandText, decidedText, oneLine, openedText, PlanText, turnEndText, turnText } from './words';

const MARKS: Readonly<Record<Exclude<Speaker, 'user'>, string>> = { agent: '', thought: '~ ' };

/** One log. Remembers the message and the tool calls that have not ended. */
export class AcpText {
  private message: MessageLines | undefined;
  private readonly calls = new ToolCalls();
  private readonly plan = new PlanText();
  private isReplaying = false;
  private isAfterCall = false;

  readonly render = (event: AcpEvent): string[] => {
    if (event.type === 'replaying') this.isReplaying = event.isOn;
    if (event.type === 'chunk') return this.chunk(event);
    const lines = this.other(event);
    if (lines.length === 0) return [];
    const isCall = event.type === 'toolCall';
    // Calls that follow each other are not set apart.
    const isFirstCall = isCall && (!this.isAfterCall || this.message !== undefined);
    const shown = [...this.end(), ...(isFirstCall ? [''] : []), ...lines];
    this.isAfterCall = isCall;
    return shown;
  };

  /** The rest of a message that was interrupted. */
  readonly end = (): string[] => {
    const lines = this.message?.end() ?? [];
    this.message = undefined;
    return lines;
  };

  private chunk({ speaker, messageId, text }: AcpEventOf<'chunk'>): string[] {
    // What a person said is shown with its turn.
    if (this.isReplaying || speaker === 'user' || text === '') return [];
    const { message } = this;
    if (message?.speaker === speaker && message.id === messageId) return message.add(text);
    const before = this.end();
    const started = new MessageLines(speaker, messageId, MARKS[speaker]);
    this.message = started;
    this.isAfterCall = false;
    return [...before, ...started.add(text)];
  }

  private other(event: Exclude<AcpEvent, { readonly type: 'chunk' }>): string[] {
    switch (event.type) {
      case 'printed':
      case 'stderr':
        return [event.text];
      case 'opened':
        return openedText(event);
      case 'turn':
        return turnText(event);
      case 'turnEnded':
        return [
          ...this.calls.endTurn(event.stopReason === 'cancelled' ? 'canceled' : 'not finished'),
          ...turnEndText(event),
        ];
      case 'asked':
        return askedText(event);
      case 'decided':
        return decidedText(event);
      case 'command':
        return commandText(event);
      case 'skipped':
        return about(`a line of ${event.bytes} bytes is not shown`);
      case 'toolCall':
        return this.isReplaying ? [] : this.calls.take(event.call);
      case 'plan':
        return this.isReplaying ? [] : this.plan.take(event);
      case 'mode':
        return this.isReplaying ? [] : about('mode', oneLine(event.mode));
      case 'notice':
        return about(oneLine(event.title), oneLine(event.description));
      case 'replaying':
      case 'usage':
      case 'quiet':
        return [];
    }
  }
}

export function acpRenderer(): EventRenderer<AcpEvent> {
  const { render, end } = new AcpText();
  return Object.assign((event: AcpEvent) => render(event), { end });
}
