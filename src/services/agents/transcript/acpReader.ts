/** The transcript of a session. */
import { personWords } from '../../../contract/personWords';
import type { Decider, EntryOf, ToolStatus } from '../../../contract/transcript';
import { AcpCounter } from '../acp/counter';
import { acpLine, type AcpEvent, type AcpEventOf } from '../acp/lines';
import { openedText, stopWords, turnEndText } from '../acp/words';
import { startOf } from '../output/bounded';
import { PrintedLines } from '../output/printedLines';
import { leftOut, titleText, type EntryList } from './entries/entryList';
import { PlanEntries, stepStatus } from './entries/planEntries';
import type { TranscriptReader } from './reader';
import { ToolEntries } from './entries/toolEntries';
import { addUsage } from './entries/usageEntry';

/** Of one message, which arrives in chunks. */
const LONGEST_MESSAGE = 100_000;
/** Requests that are open at the same time. */
const MOST_OPEN = 100;
const MOST_DETAILS = 20;

interface Message {
  readonly index: number;
  readonly speaker: 'agent' | 'thought';
  readonly id: string | undefined;
  text: string;
  more: number;
}

export class AcpTranscript implements TranscriptReader {
  private readonly tools: ToolEntries;
  private readonly plans: PlanEntries;
  private readonly counter = new AcpCounter(new PrintedLines());
  private readonly open = new Map<number, { readonly index: number; readonly entry: EntryOf<'decision'> }>();
  private message: Message | undefined;
  private isReplaying = false;

  constructor(private readonly entries: EntryList) {
    this.tools = new ToolEntries(entries);
    this.plans = new PlanEntries(entries);
  }

  read(line: string): void {
    const parsed = acpLine(line);
    if (parsed.kind !== 'event') {
      this.message = undefined;
      this.entries.print(line);
      return;
    }
    this.counter.count(parsed.event);
    this.take(parsed.event);
  }

  end(): void {
    this.message = undefined;
    this.tools.end('unfinished');
  }

  private take(event: AcpEvent): void {
    if (event.type === 'chunk') {
      this.takeChunk(event);
      return;
    }
    if (event.type === 'replaying') {
      this.isReplaying = event.isOn;
      return;
    }
    if (event.type === 'quiet' || event.type === 'usage') return;
    // What comes between two chunks separates messages.
    this.message = undefined;
    switch (event.type) {
      case 'printed':
      case 'stderr':
        this.entries.print(event.text);
        return;
      case 'opened':
        this.noteOpened(event);
        return;
      case 'turn':
        this.entries.message(event.text, titleText(event.by));
        return;
      case 'turnEnded':
        this.endTurn(event);
        return;
      case 'asked':
        this.takeRequest(event);
        return;
      case 'decided':
        this.takeDecision(event);
        return;
      case 'command':
        // Answers are entries of their own.
        if (event.kind !== 'answer' || event.outcome !== 'done') this.noteCommand(event);
        return;
      case 'skipped': {
        const { bytes } = event;
        this.entries.noteOfHost(`a line of ${bytes} bytes is not shown`, { kind: 'skipped', bytes });
        return;
      }
      case 'toolCall':
        if (!this.isReplaying) this.takeCall(event);
        return;
      case 'plan':
        if (this.isReplaying) return;
        this.plans.take(event.entries.map(({ content, status }) => ({ text: content, status: stepStatus(status) })));
        return;
      case 'mode':
        if (!this.isReplaying) this.noteMode(titleText(event.mode));
        return;
      case 'notice':
        this.entries.note([event.title, event.description].filter((part) => part !== '').join(' · '));
    }
  }

  private noteOpened(event: AcpEventOf<'opened'>): void {
    const details = [event.agent, event.sessionId, event.mode ?? ''].map(titleText).filter((part) => part !== '');
    this.entries.noteOfHost(noteOf(openedText(event)), { kind: 'opened', how: event.how, details });
  }

  private noteCommand(event: AcpEventOf<'command'>): void {
    const [command, by] = [titleText(event.kind), titleText(event.by)];
    const problem = event.outcome === 'done' ? null : titleText(event.problem ?? '');
    const text = [
      by === '' ? command : `${command} by ${personWords(by)}`,
      ...(problem === null ? [] : ['refused', problem]),
    ];
    const about = { kind: 'command', command, by, problem } as const;
    this.entries.noteOfHost(text.filter((part) => part !== '').join(' · '), about);
  }

  private noteMode(mode: string): void {
    this.entries.noteOfHost(`mode · ${mode}`, { kind: 'mode', mode });
  }

  private takeChunk({ speaker, messageId: id, text }: AcpEventOf<'chunk'>): void {
    // What a person said is shown with its turn.
    if (this.isReplaying || speaker === 'user' || text === '') return;
    let { message } = this;
    if (message?.speaker !== speaker || message.id !== id) {
      if (text.trim() === '') return;
      const index = this.entries.add(said(speaker, ''));
      message = { index, speaker, id, text: '', more: 0 };
      this.message = message;
    }
    const kept = startOf(text, Math.max(0, LONGEST_MESSAGE - message.text.length));
    message.text += kept;
    message.more += text.length - kept.length;
    const shown = message.text.trim();
    this.entries.set(message.index, said(speaker, message.more === 0 ? shown : `${shown}\n${leftOut(message.more)}`));
  }

  private endTurn(event: AcpEventOf<'turnEnded'>): void {
    const { turn, stopReason, error } = event;
    this.tools.end(stopReason === 'cancelled' ? 'canceled' : 'unfinished');
    if (error !== null || turn === 0 || (stopReason !== null && stopReason !== 'end_turn')) {
      const [first = '', ...rest] = turnEndText(event).filter((line) => line !== '');
      const reason = stopReason === null || stopReason === 'end_turn' ? '' : stopWords(stopReason);
      this.entries.noteOfHost(noteOf([first]), { kind: 'turnEnded', turn, reason });
      this.entries.note(rest.map((line) => line.replace(/^! /, '')).join('\n'), 'error');
    }
    addUsage(this.entries, this.counter.report);
  }

  private takeRequest({ request }: AcpEventOf<'asked'>): void {
    const { number, title } = request;
    const details =
      request.kind === 'question'
        ? request.fields.map((field) => field.title)
        : [
            ...(request.command === undefined || title.includes(request.command) ? [] : [`$ ${request.command}`]),
            ...request.paths.filter(({ isInside }) => !isInside).map(({ path }) => `outside the worktree: ${path}`),
          ];
    const entry: EntryOf<'decision'> = {
      kind: 'decision',
      number,
      title: titleText(title),
      details: details.slice(0, MOST_DETAILS).map(titleText),
      answer: null,
      by: null,
      reason: null,
    };
    this.open.set(number, { index: this.entries.add(entry), entry });
    const [oldest] = this.open.keys();
    if (this.open.size > MOST_OPEN && oldest !== undefined) this.open.delete(oldest);
  }

  private takeDecision({ number, answer, by, reason }: AcpEventOf<'decided'>): void {
    const given = { answer, by: deciderOf(by), reason: reason === null ? null : titleText(reason) };
    const asked = this.open.get(number);
    this.open.delete(number);
    if (asked === undefined) this.entries.add({ kind: 'decision', number, title: '', details: [], ...given });
    else this.entries.set(asked.index, { ...asked.entry, ...given });
  }

  private takeCall({ call }: AcpEventOf<'toolCall'>): void {
    const { toolCallId, title, name, kind, status, locations = [], content = [] } = call;
    const output = content
      .map((part) => withoutFence(part.content?.text ?? ''))
      .join('\n')
      .trim();
    this.tools.take(toolCallId, {
      title: [title, name, this.tools.isRunning(toolCallId) ? undefined : kind].find((text = '') => text.trim() !== ''),
      status: status === undefined ? undefined : statusOf(status),
      // Some agents name the files in the diffs only.
      paths: [...locations, ...content].flatMap(({ path }) => path ?? []),
      output: output === '' ? undefined : output,
      diffs: content.flatMap(({ type, path, oldText = null, newText }) =>
        type === 'diff' && path !== undefined && newText !== undefined ? [{ path, oldText, newText }] : [],
      ),
    });
  }
}

function said(speaker: Message['speaker'], text: string): EntryOf<'message'> | EntryOf<'thought'> {
  return speaker === 'thought' ? { kind: 'thought', text } : { kind: 'message', by: null, text };
}

/** Some agents send what a command printed as a block of Markdown. */
function withoutFence(text: string): string {
  return /^\s*```\w*\n([^]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}

function statusOf(status: string): ToolStatus {
  return status === 'completed' || status === 'failed' ? status : 'running';
}

/** The words that the log shows, without their mark. */
function noteOf(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== '')
    .join('\n')
    .replace(/^\u2500\u2500 /, '');
}

function deciderOf(by: AcpEventOf<'decided'>['by']): Decider {
  switch (by.kind) {
    case 'rule':
      return { kind: 'rule', name: String(by.number) };
    case 'policy':
      return { kind: 'policy', name: by.policy };
    case 'person':
      return { kind: 'person', name: titleText(by.name) };
    case 'turn':
      return { kind: 'turn', name: '' };
  }
}
