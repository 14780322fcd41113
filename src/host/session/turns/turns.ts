/**
 * The turns of a session: one after the other, with the texts that wait between them, until none is left. Agents differ
 * in what a second prompt in a running turn does, so none is sent.
 */
import type { SessionCommand, SessionPhase } from '../../../contract/sessions';
import { startOf } from '../../../kernel/text/storableText';
import { AgentError, type Connection } from '../connection/connection';
import { promptResult } from '../connection/protocol';
import type { SessionLogWriter } from '../connection/sessionLogWriter';
import type { OpenRequests } from '../requests/openRequests';
import { nextPhase, type SessionEvent } from './sessionPhases';
import { promptBlocks } from './promptBlocks';
import { WaitingTexts, type HeldText } from './waitingTexts';

/** How often a denial that ended a turn is followed by its reason: an agent may ask for the same again and again. */
const MAX_DENIAL_PROMPTS = 3;
/** How long a session whose turn was canceled waits for the next text. */
const AFTER_CANCEL_MS = 10 * 60_000;
/** Of a prompt in the log; the message to the agent has it whole. */
const MAX_SHOWN_PROMPT = 2000;

const TASK = 'task';

/** An open session, as turns need it. */
interface OpenSession {
  readonly connection: Connection;
  readonly sessionId: string;
  readonly canSteer: boolean;
  /** Whether its prompts may have embedded content. */
  readonly canEmbed: boolean;
}

export interface TurnsOf {
  readonly log: SessionLogWriter;
  readonly requests: OpenRequests;
  /** How long an idle agent is kept after its last turn. */
  readonly lingerMs: number;
  /** The phase, or the texts that wait, have changed. */
  readonly onChange: () => void;
  /** The work is done or has failed: the agent must end. */
  readonly onDone: () => void;
}

export class Turns {
  readonly waiting = new WaitingTexts();
  /** Turns so far, with the current one. */
  count = 0;
  phase: SessionPhase = 'starting';
  /** A pause was requested, for the end of the turn or sooner. */
  wantsPause = false;
  private session: OpenSession | undefined;
  private isCanceled = false;
  private denied: string | undefined;
  private denials = 0;
  /** What the agent said when its turn failed, though it may end it as done. */
  private broken: string | undefined;
  private lastEnd: 'good' | 'failed' = 'failed';
  private lingering: NodeJS.Timeout | undefined;

  constructor(private readonly of: TurnsOf) {}

  /** Whether the last turn ended as work that is done. */
  get isGood(): boolean {
    return this.lastEnd === 'good';
  }

  get isClosing(): boolean {
    return this.phase === 'closing' || this.phase === 'ended';
  }

  /** Gives the agent its task, as soon as its session is open. Without a task, all is done. */
  start(session: OpenSession, task: string | null): void {
    this.session = session;
    if (task === null) this.lastEnd = 'good';
    else this.waiting.addFirst({ id: TASK, text: task, by: TASK, atMs: Date.now() });
    this.move('opened');
    this.next();
    this.of.onChange();
  }

  say(command: Extract<SessionCommand, { kind: 'say' }>): void {
    const item = this.waiting.accept(command);
    if (item === undefined) return;
    const { when } = command;
    if (when === 'now' && this.phase === 'running' && this.session?.canSteer === true) {
      void this.steer(item);
      return;
    }
    if (when === 'afterTurn') this.waiting.addLast(item);
    else this.waiting.addFirst(item);
    if (when === 'instead' && this.phase === 'running') this.cancelTurn();
    this.next();
    this.of.onChange();
  }

  /** Returns why it is refused; undefined if it is not. */
  cancel(): string | undefined {
    if (this.phase !== 'running') return 'no turn is running';
    this.cancelTurn();
    return undefined;
  }

  /** The session pauses at the end of its turn. */
  pause(): void {
    this.wantsPause = true;
    clearTimeout(this.lingering);
    this.move('pause');
    this.of.onChange();
  }

  /** Returns why it is refused; undefined if it is not. */
  resume(): string | undefined {
    if (!this.wantsPause && this.phase !== 'paused') return 'the session is not paused';
    this.wantsPause = false;
    this.move('resume');
    this.next();
    this.of.onChange();
    return undefined;
  }

  close(): void {
    if (this.isClosing) return;
    clearTimeout(this.lingering);
    if (this.phase === 'running') this.cancelTurn();
    this.move('close');
    this.of.onChange();
    this.of.onDone();
  }

  /** The session cannot continue. */
  fail(error: unknown): void {
    this.noteFailure(error);
    this.close();
  }

  /** The agent's process has ended. */
  exited(): void {
    this.of.requests.cancelAll();
    this.move('exited');
    this.of.onChange();
  }

  /** A rule or a policy denied this. Some agents end their turn without a word then. */
  noteDenied(title: string): void {
    this.denied = title;
  }

  noteBroken(text: string): void {
    this.broken = text;
  }

  /** The agent works on after a denial, so it needs no explanation. */
  noteSign(): void {
    this.denied = undefined;
  }

  /** Puts a text into the running turn. What the agent does not take waits for the end of the turn. */
  private async steer(item: HeldText): Promise<void> {
    const prompt = this.blocksOf(item);
    const _meta = { steering: { idleBehavior: 'promptRequired' } };
    const answer = await this.request('_session/steering', { prompt, _meta }).catch(() => undefined);
    const outcome = typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer.outcome : undefined;
    if (outcome === 'injected' || outcome === 'startedNewTurn') return;
    this.waiting.addFirst(item);
    this.next();
    this.of.onChange();
  }

  private cancelTurn(): void {
    this.isCanceled = true;
    this.session?.connection.notify('session/cancel', { sessionId: this.session.sessionId });
    this.of.requests.cancelAll();
  }

  /** Starts the next turn, or ends where there is none. */
  private next(): void {
    if (this.phase !== 'idle') return;
    clearTimeout(this.lingering);
    if (this.wantsPause) {
      this.move('pause');
      return;
    }
    const item = this.waiting.takeFirst();
    if (item !== undefined) {
      void this.turn(item);
      return;
    }
    const lingerMs = this.isCanceled ? AFTER_CANCEL_MS : this.of.lingerMs;
    if (lingerMs === 0) this.close();
    else this.lingering = setTimeout(() => this.close(), lingerMs);
  }

  private async turn(item: HeldText): Promise<void> {
    const { text, by } = item;
    this.count += 1;
    this.isCanceled = false;
    this.denied = undefined;
    this.broken = undefined;
    this.of.requests.startTurn();
    this.of.log.write({ type: 'turn', turn: this.count, text: startOf(text, MAX_SHOWN_PROMPT), by });
    this.move('prompted');
    try {
      const prompt = this.blocksOf(item);
      const answer = promptResult.parse((await this.request('session/prompt', { prompt })) ?? {});
      const { stopReason, usage, _meta } = answer;
      const error = this.brokenAs();
      this.lastEnd = stopReason === 'end_turn' && error === null ? 'good' : 'failed';
      this.of.log.write({ type: 'turnEnded', turn: this.count, stopReason, error, usage: { usage, _meta } });
    } catch (error) {
      this.noteFailure(error);
    }
    this.of.requests.cancelAll();
    this.explainDenial();
    this.move('turnEnded');
    this.next();
    this.of.onChange();
  }

  private brokenAs(): { readonly code: number; readonly message: string } | null {
    return this.broken === undefined ? null : { code: 0, message: this.broken.trim() };
  }

  private blocksOf({ text, attachments = [] }: HeldText): object[] {
    return promptBlocks(text, attachments, this.session?.canEmbed === true);
  }

  private request(method: string, params: object): Promise<unknown> {
    if (this.session === undefined) throw new Error('the session is not open');
    const { connection, sessionId } = this.session;
    return connection.request(method, { sessionId, ...params });
  }

  private noteFailure(error: unknown): void {
    this.lastEnd = 'failed';
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof AgentError ? error.code : 0;
    this.of.log.write({ type: 'turnEnded', turn: this.count, stopReason: null, error: { code, message }, usage: null });
  }

  /** An agent that ended its turn because of a denial gets the reason as the next prompt. */
  private explainDenial(): void {
    if (this.denied === undefined || this.isCanceled || this.waiting.all.length > 0) return;
    if (this.denials === MAX_DENIAL_PROMPTS) return;
    this.denials += 1;
    this.waiting.addOwn(`A rule of this workspace denies this: ${this.denied}. Continue without it.`, TASK);
  }

  private move(event: SessionEvent): void {
    this.phase = nextPhase(this.phase, event) ?? this.phase;
  }
}
