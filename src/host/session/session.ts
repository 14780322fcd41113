/**
 * One session with an agent (`docs/design/sessions.md`): turns one after the other, the texts that wait for the next
 * one, the agent's requests, and commands to it. It ends when its work is done, and says how.
 */
import type { SessionCommand, SessionPhase, SessionState, WaitingText } from '../../contract/sessions';
import { startOf } from '../../kernel/text/storableText';
import { AgentError, refuseUnknown, type AgentListener, type Connection } from './connection/connection';
import { Opening, modeOf, type Opened } from './opening';
import { OpenRequests } from './requests/openRequests';
import { promptResult, sessionUpdate, type SessionUpdate } from './connection/protocol';
import type { SessionLogWriter } from './connection/sessionLogWriter';
import type { SessionOrder } from './sessionOrder';
import { nextPhase, type SessionEvent } from './sessionPhases';
import { StateFile } from './files/stateFile';

/** How often a denial that ended a turn is followed by its reason: an agent may ask for the same again and again. */
const MAX_DENIAL_PROMPTS = 3;
/** How long a session whose turn was canceled waits for the next text. */
const AFTER_CANCEL_MS = 10 * 60_000;
const MAX_ACTIVITY_LENGTH = 200;
/** Of a prompt in the log; the message to the agent has it whole. */
const MAX_SHOWN_PROMPT = 2000;

const TASK = 'task';

export interface SessionListener {
  /** The work is done or has failed: the agent must end. */
  readonly onDone: () => void;
  /** Whether the agent is working, so that its time limit runs. */
  readonly onWorking: (isWorking: boolean) => void;
}

export class Session {
  private phase: SessionPhase = 'starting';
  private opened: Opened | undefined;
  private turns = 0;
  private waiting: WaitingText[] = [];
  private readonly requests: OpenRequests;
  private readonly file: StateFile;
  private readonly known = new Set<string>();
  private connection: Connection | undefined;
  private activity = '';
  private plan: SessionState['plan'] = null;
  private asks = false;
  private wantsPause = false;
  private isCanceled = false;
  private wasDenied: string | undefined;
  private denials = 0;
  private waitedMs = 0;
  private waitsSinceMs: number | undefined;
  private lastEnd: 'good' | 'failed' = 'failed';
  private lingering: NodeJS.Timeout | undefined;

  constructor(
    private readonly order: SessionOrder,
    private readonly log: SessionLogWriter,
    private readonly listener: SessionListener,
  ) {
    const { policy, rules, project } = order.session;
    this.requests = new OpenRequests({
      ...{ log, cwd: order.cwd, project, policy, rules },
      onChange: () => this.noteRequests(),
      onDenied: (title) => (this.wasDenied = title),
    });
    this.file = new StateFile(order.stateFile, order.secret, () => this.state);
  }

  /** What the connection passes on. */
  readonly agentListener: AgentListener = {
    onNotification: (method, params) => this.onNotification(method, params),
    onRequest: (method, params, request) => {
      if (method === 'session/request_permission') void this.requests.askPermission(params, request);
      else if (method === 'elicitation/create') this.requests.askQuestion(params, request);
      else refuseUnknown(request, method);
    },
  };

  /** Whether the last turn ended as work that is done. */
  get isGood(): boolean {
    return this.lastEnd === 'good';
  }

  get isClosing(): boolean {
    return this.phase === 'closing' || this.phase === 'ended';
  }

  /** Opens the session and gives it its first prompt. */
  async start(connection: Connection, prompt: string): Promise<void> {
    this.connection = connection;
    this.file.write();
    this.listener.onWorking(true);
    try {
      this.opened = await new Opening(connection, this.log, this.order.session, this.order.cwd).open();
    } catch (error) {
      this.failTurn(error);
      this.close();
      return;
    }
    const { sessionId, how, agent, mode, asks } = this.opened;
    this.asks = asks;
    this.log.write({ type: 'opened', sessionId, how, agent, mode, usage: this.order.session.usage });
    if (this.order.session.askMode !== null && !asks && this.order.session.policy !== 'allowAll') {
      const wanted = this.order.session.askMode;
      this.failTurn(new Error(`the agent did not accept the mode "${wanted}", in which it asks for permission`));
      this.close();
      return;
    }
    this.waiting.unshift({ id: TASK, text: prompt, by: TASK, atMs: Date.now() });
    this.move('opened');
    this.next();
  }

  /** Carries out a command. Returns why it is refused; undefined if it is not. */
  command(command: SessionCommand): void {
    const problem = this.carryOut(command);
    const { kind, by } = command;
    const outcome = problem === undefined ? { outcome: 'done' as const } : { outcome: 'refused' as const, problem };
    this.log.write({ type: 'command', kind, by, ...outcome });
    this.file.write();
  }

  /** The agent's process has ended. */
  exited(): void {
    this.requests.cancelAll();
    this.move('exited');
    this.listener.onWorking(false);
    this.file.write();
  }

  private carryOut(command: SessionCommand): string | undefined {
    if (this.isClosing) return 'the session has ended';
    switch (command.kind) {
      case 'answer': {
        const problem = this.requests.answer(command);
        const { reason = '', by, answer } = command;
        if (problem === undefined && answer === 'deny' && reason !== '') this.sayNext(reason, by);
        return problem;
      }
      case 'say':
        return this.say(command);
      case 'edit':
        return this.edit(command.id, command.text);
      case 'cancel':
        if (this.phase !== 'running') return 'no turn is running';
        this.cancelTurn();
        return undefined;
      case 'pause':
        this.wantsPause = true;
        clearTimeout(this.lingering);
        this.move('pause');
        this.listener.onWorking(this.isWorking);
        return undefined;
      case 'resume':
        if (!this.wantsPause && this.phase !== 'paused') return 'the session is not paused';
        this.wantsPause = false;
        this.move('resume');
        this.next();
        return undefined;
      case 'close':
        this.close();
        return undefined;
    }
  }

  private say({ id, text, when, by }: Extract<SessionCommand, { kind: 'say' }>): string | undefined {
    // The same text may be left twice by a caller that did not see its first try succeed.
    if (this.known.has(id)) return undefined;
    this.known.add(id);
    const item = { id, text, by, atMs: Date.now() };
    if (when === 'now' && this.phase === 'running' && this.opened?.canSteer === true) {
      void this.steer(item);
      return undefined;
    }
    if (when === 'afterTurn') this.waiting.push(item);
    else this.waiting.unshift(item);
    if (when === 'instead' && this.phase === 'running') this.cancelTurn();
    this.next();
    return undefined;
  }

  private sayNext(text: string, by: string): void {
    this.waiting.unshift({ id: `denied-${this.turns}-${this.waiting.length}`, text, by, atMs: Date.now() });
  }

  private edit(id: string, text: string): string | undefined {
    if (!this.waiting.some((item) => item.id === id)) return 'the text does not wait any more';
    this.waiting = this.waiting.flatMap((item) => {
      if (item.id !== id) return [item];
      return text === '' ? [] : [{ ...item, text }];
    });
    return undefined;
  }

  /** Puts a text into the running turn. What the agent does not take waits for the end of the turn. */
  private async steer(item: WaitingText): Promise<void> {
    const prompt = [{ type: 'text', text: item.text }];
    const _meta = { steering: { idleBehavior: 'promptRequired' } };
    const params = { sessionId: this.opened?.sessionId, prompt, _meta };
    const answer = await this.connection?.request('_session/steering', params).catch(() => undefined);
    const outcome = typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer.outcome : undefined;
    if (outcome === 'injected' || outcome === 'startedNewTurn') return;
    this.waiting.unshift(item);
    this.next();
    this.file.write();
  }

  private cancelTurn(): void {
    this.isCanceled = true;
    this.connection?.notify('session/cancel', { sessionId: this.opened?.sessionId });
    this.requests.cancelAll();
  }

  /** Starts the next turn, or ends where there is none. */
  private next(): void {
    if (this.phase !== 'idle') return;
    clearTimeout(this.lingering);
    if (this.wantsPause) {
      this.move('pause');
      this.listener.onWorking(false);
      return;
    }
    const item = this.waiting.shift();
    if (item !== undefined) {
      void this.turn(item);
      return;
    }
    this.listener.onWorking(false);
    const lingerMs = this.isCanceled ? AFTER_CANCEL_MS : this.order.session.lingerMs;
    if (lingerMs === 0) this.close();
    else this.lingering = setTimeout(() => this.close(), lingerMs);
  }

  private async turn({ text, by }: WaitingText): Promise<void> {
    this.turns += 1;
    this.isCanceled = false;
    this.wasDenied = undefined;
    this.requests.startTurn();
    this.move('prompted');
    this.log.write({ type: 'turn', turn: this.turns, text: startOf(text, MAX_SHOWN_PROMPT), by });
    this.listener.onWorking(true);
    this.file.write();
    const params = { sessionId: this.opened?.sessionId, prompt: [{ type: 'text', text }] };
    try {
      const answer = promptResult.parse((await this.connection?.request('session/prompt', params)) ?? {});
      const { stopReason, usage, _meta } = answer;
      this.lastEnd = stopReason === 'end_turn' ? 'good' : 'failed';
      this.log.write({ type: 'turnEnded', turn: this.turns, stopReason, error: null, usage: { usage, _meta } });
    } catch (error) {
      this.failTurn(error);
    }
    this.requests.cancelAll();
    this.explainDenial();
    this.move('turnEnded');
    this.next();
    this.file.write();
  }

  private failTurn(error: unknown): void {
    this.lastEnd = 'failed';
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof AgentError ? error.code : 0;
    this.log.write({ type: 'turnEnded', turn: this.turns, stopReason: null, error: { code, message }, usage: null });
  }

  /** Some agents end their turn without a word where a request is denied: they get the reason as the next prompt. */
  private explainDenial(): void {
    if (this.wasDenied === undefined || this.isCanceled || this.waiting.length > 0) return;
    if (this.denials === MAX_DENIAL_PROMPTS) return;
    this.denials += 1;
    this.sayNext(`A rule of this workspace denies this: ${this.wasDenied}. Continue without it.`, TASK);
  }

  private close(): void {
    if (this.isClosing) return;
    clearTimeout(this.lingering);
    if (this.phase === 'running') this.cancelTurn();
    this.move('close');
    this.file.write();
    this.listener.onDone();
  }

  private onNotification(method: string, params: unknown): void {
    if (method === '$/cancel_request') {
      const id = typeof params === 'object' && params !== null && 'requestId' in params ? params.requestId : undefined;
      this.requests.withdraw(id);
      return;
    }
    const update = method === 'session/update' ? sessionUpdate.safeParse(params).data?.update : undefined;
    if (update !== undefined) this.noteUpdate(update);
  }

  private noteUpdate(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case 'tool_call':
        this.wasDenied = undefined;
        this.noteActivity(this.requests.noteCall(update) ?? '');
        return;
      case 'tool_call_update':
        this.noteActivity(this.requests.noteCall(update) ?? '');
        return;
      case 'agent_message_chunk':
        this.wasDenied = undefined;
        this.noteActivity(textOf(update.content));
        return;
      case 'plan': {
        const entries = update.entries ?? [];
        this.plan = { done: entries.filter(({ status }) => status === 'completed').length, all: entries.length };
        this.file.writeSoon();
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

  /** An agent that leaves its ask mode would act unasked from then on, so its turn ends. */
  private noteMode(mode: string | undefined): void {
    const { askMode, policy } = this.order.session;
    if (mode === undefined || askMode === null || this.opened === undefined) return;
    this.asks = mode === askMode;
    if (this.asks || policy === 'allowAll' || this.isClosing) return;
    this.failTurn(new Error(`the agent left the mode "${askMode}", in which it asks for permission`));
    this.close();
  }

  private noteActivity(text: string): void {
    const shown = startOf(text.replace(/\s+/g, ' ').trim(), MAX_ACTIVITY_LENGTH);
    if (shown === '' || shown === this.activity) return;
    this.activity = shown;
    this.file.writeSoon();
  }

  private noteRequests(): void {
    const waits = this.requests.shown.length > 0;
    if (waits) this.waitsSinceMs ??= Date.now();
    else if (this.waitsSinceMs !== undefined) {
      this.waitedMs += Date.now() - this.waitsSinceMs;
      this.waitsSinceMs = undefined;
    }
    this.listener.onWorking(this.isWorking);
    this.file.write();
  }

  private get isWorking(): boolean {
    const isActive = this.phase === 'starting' || this.phase === 'running';
    return isActive && this.requests.shown.length === 0;
  }

  private get state(): SessionState {
    return {
      sessionId: this.opened?.sessionId ?? null,
      agentName: this.opened?.agent ?? '',
      phase: this.phase,
      turns: this.turns,
      policy: this.order.session.policy,
      asks: this.asks,
      canSteer: this.opened?.canSteer ?? false,
      canResume: this.opened?.canResume ?? false,
      requests: [...this.requests.shown],
      waiting: this.waiting,
      activity: this.activity,
      plan: this.plan,
      waitedMs: this.waitedMs,
      updatedAtMs: Date.now(),
    };
  }

  private move(event: SessionEvent): void {
    this.phase = nextPhase(this.phase, event) ?? this.phase;
  }
}

function textOf(content: unknown): string {
  if (typeof content !== 'object' || content === null || !('text' in content)) return '';
  return typeof content.text === 'string' ? content.text : '';
}
