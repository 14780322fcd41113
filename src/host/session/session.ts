/**
 * One session with an agent (`docs/design/sessions.md`): commands to it, the agent's requests, and its state on disk.
 * Its turns are in `turns/`. It ends when its work is done, and says how.
 */
import { effectKey, type SessionCommand, type SessionState } from '../../contract/sessions';
import { AgentActivity } from './agentActivity';
import { refuseUnknown, type AgentListener, type Connection } from './connection/connection';
import type { SessionLogWriter } from './connection/sessionLogWriter';
import { DecisionFile } from './files/decisionFile';
import { StateFile } from './files/stateFile';
import { Opening, type Opened } from './sessionOpening';
import { OpenRequests } from './requests/openRequests';
import { rulesDigest } from './rulesDigest';
import type { SessionOrder } from './sessionOrder';
import { Turns } from './turns/turns';

export interface SessionListener {
  /** The work is done or has failed: the agent must end. */
  readonly onDone: () => void;
  /** Whether the agent is working, so that its time limit runs. */
  readonly onWorking: (isWorking: boolean) => void;
}

export class Session {
  private opened: Opened | undefined;
  private readonly requests: OpenRequests;
  private readonly turns: Turns;
  private readonly activity: AgentActivity;
  private readonly file: StateFile;
  private rulesDigest: string;
  private asks = false;
  private readonly effects = new Set<string>();
  private waitedMs = 0;
  private waitsSinceMs: number | undefined;

  constructor(
    private readonly order: SessionOrder,
    private readonly log: SessionLogWriter,
    private readonly listener: SessionListener,
  ) {
    const { policy, rules, commands, project, lingerMs } = order.session;
    this.rulesDigest = rulesDigest(rules);
    this.file = new StateFile(order.stateFile, order.secret, () => this.state);
    const decisions = new DecisionFile(order.decisionFile, order.secret);
    this.requests = new OpenRequests({
      log,
      decisions,
      cwd: order.cwd,
      project,
      policy,
      rules,
      commands,
      onChange: () => this.noteRequests(),
      onDenied: (title) => this.turns.noteDenied(title),
    });
    const onChange = (): void => this.noteChange();
    this.turns = new Turns({ log, requests: this.requests, lingerMs, onChange, onDone: listener.onDone });
    this.activity = new AgentActivity({
      onCall: (update) => this.requests.noteCall(update),
      onSign: () => this.turns.noteSign(),
      onMode: (mode) => this.noteMode(mode),
      onBroken: (text) => this.turns.noteBroken(text),
      onWithdrawn: (id) => this.requests.withdraw(id),
      onChange: () => this.file.writeSoon(),
    });
  }

  /** What the connection passes on. */
  readonly agentListener: AgentListener = {
    onNotification: (method, params) => this.activity.take(method, params),
    onRequest: (method, params, request) => {
      if (method === 'session/request_permission') void this.requests.askPermission(params, request);
      else if (method === 'elicitation/create') this.requests.askQuestion(params, request);
      else refuseUnknown(request, method);
    },
  };

  /** Whether the last turn ended as work that is done. */
  get isGood(): boolean {
    return this.turns.isGood;
  }

  get isClosing(): boolean {
    return this.turns.isClosing;
  }

  /** Opens the session and gives it its first prompt. Without one, it ends once it is open. */
  async start(connection: Connection, prompt: string | null): Promise<void> {
    this.noteChange();
    const { askMode, policy, usage, resume, newPrompt } = this.order.session;
    try {
      this.opened = await new Opening(connection, this.log, this.order.session, this.order.cwd).open();
    } catch (error) {
      this.turns.fail(error);
      return;
    }
    const { sessionId, how, agent, mode, asks, canSteer, canEmbed } = this.opened;
    this.asks = asks;
    const isForgotten = resume !== null && how === 'new';
    this.log.write({ type: 'opened', sessionId, how, agent, mode, usage, ...(isForgotten ? { isForgotten } : {}) });
    if (askMode !== null && !asks && policy !== 'allowAll') {
      this.turns.fail(new Error(`the agent did not accept the mode "${askMode}", in which it asks for permission`));
      return;
    }
    this.turns.start({ connection, sessionId, canSteer, canEmbed }, isForgotten ? (newPrompt ?? prompt) : prompt);
  }

  /** Carries out a command and notes in the log whether it was refused. */
  command(command: SessionCommand): void {
    const problem = this.isClosing ? 'the session has ended' : this.carryOut(command);
    const { kind, by } = command;
    if (problem === undefined && (kind === 'answer' || kind === 'say')) this.effects.add(effectKey(command));
    const outcome = problem === undefined ? { outcome: 'done' as const } : { outcome: 'refused' as const, problem };
    this.log.write({ type: 'command', kind, by, ...outcome });
    this.file.write();
  }

  /** The agent's process has ended. */
  exited(): void {
    this.turns.exited();
  }

  /** Returns why the command is refused; undefined if it is not. */
  private carryOut(command: SessionCommand): string | undefined {
    switch (command.kind) {
      case 'answer': {
        const problem = this.requests.answer(command);
        const { reason = '', by, answer } = command;
        if (problem === undefined && answer === 'deny' && reason !== '') this.turns.waiting.addOwn(reason, by);
        return problem;
      }
      case 'say':
        this.turns.say(command);
        return undefined;
      case 'edit':
        return this.turns.waiting.edit(command.id, command.text);
      case 'cancel':
        return this.turns.cancel();
      case 'pause':
        this.turns.pause();
        return undefined;
      case 'resume':
        return this.turns.resume();
      case 'close':
        this.turns.close();
        return undefined;
      case 'rules':
        // The digest says that the rules have judged the open requests, too.
        this.requests.useRules(command.rules);
        this.rulesDigest = rulesDigest(command.rules);
        return undefined;
    }
  }

  /** An agent that leaves its ask mode would act unasked from then on, so its turn ends. */
  private noteMode(mode: string): void {
    const { askMode, policy } = this.order.session;
    if (askMode === null || this.opened === undefined) return;
    this.asks = mode === askMode;
    if (this.asks || policy === 'allowAll' || this.isClosing) return;
    this.turns.fail(new Error(`the agent left the mode "${askMode}", in which it asks for permission`));
  }

  private noteRequests(): void {
    const waits = this.requests.shown.length > 0;
    if (waits) this.waitsSinceMs ??= Date.now();
    else if (this.waitsSinceMs !== undefined) {
      this.waitedMs += Date.now() - this.waitsSinceMs;
      this.waitsSinceMs = undefined;
    }
    this.noteChange();
  }

  private noteChange(): void {
    const isActive = this.turns.phase === 'starting' || this.turns.phase === 'running';
    this.listener.onWorking(isActive && this.requests.shown.length === 0);
    this.file.write();
  }

  private get state(): SessionState {
    return {
      sessionId: this.opened?.sessionId ?? null,
      agentName: this.opened?.agent ?? '',
      phase: this.turns.phase,
      wantsPause: this.turns.wantsPause,
      turns: this.turns.count,
      policy: this.order.session.policy,
      rulesDigest: this.rulesDigest,
      asks: this.asks,
      canSteer: this.opened?.canSteer ?? false,
      canResume: this.opened?.canResume ?? false,
      requests: [...this.requests.shown],
      waiting: [...this.turns.waiting.all],
      effects: [...this.effects],
      activity: this.activity.text,
      plan: this.activity.plan,
      waitedMs: this.waitedMs,
      updatedAtMs: Date.now(),
    };
  }
}
