/**
 * A program that speaks the Agent Client Protocol as its script says, faults included. Its script is the JSON in the
 * file of its first argument; what it is sent goes to the second one, a line for each message.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { execSync, spawn } from 'node:child_process';
import readline from 'node:readline';
import { defined } from '../../../src/kernel/defined';

export type Step =
  | { readonly say: string }
  /** Sent as it is, with a line end. */
  | { readonly raw: string }
  /** A line of so many bytes that is no message. */
  | { readonly long: number }
  /** The answer to the prompt, followed by so many bytes of blanks in the same line. */
  | { readonly longAnswer: number }
  | { readonly update: object }
  /** Waits for the answer; then writes the file if it was allowed. */
  | { readonly ask: object; readonly options?: readonly object[]; readonly writes?: string }
  /** Asks and does not wait. */
  | { readonly asks: object; readonly id: number }
  | { readonly question: object }
  | { readonly notify: string; readonly params: object }
  | { readonly call: string }
  | { readonly stop: string; readonly usage?: object }
  | { readonly fail: { readonly code: number; readonly message: string; readonly data?: unknown } }
  /** Waits until the turn is canceled, then answers `cancelled`. */
  | { readonly untilCancel: true }
  | { readonly hang: true }
  | { readonly exit: number }
  /** A command of the system's shell, in the agent's folder; `$PROMPT` is the last prompt. */
  | { readonly run: string }
  /** Asks whether it may run the command, with values for `{VARIABLE}`, and runs it where that is allowed. */
  | { readonly does: string }
  /** A process that outlives the agent, and may hold its output open. */
  | { readonly leaves: true | 'output' };

export interface AgentScript {
  readonly initialize?: object;
  readonly authRequired?: boolean;
  /** Modes and options of a new session. */
  readonly session?: object;
  readonly sessionId?: string;
  /** What setting an option answers; left out: the options with the new value. */
  readonly ignoresModes?: boolean;
  readonly resume?: 'unknown';
  /** What is sent while a session is loaded. */
  readonly replay?: readonly object[];
  /** One for each prompt; the last one is repeated. */
  readonly turns: readonly (readonly Step[])[];
  /** Other turns, where the first prompt contains this text. */
  readonly turnsOf?: Readonly<Record<string, readonly (readonly Step[])[]>>;
  readonly ignoresClose?: boolean;
  /** A method that it never answers. */
  readonly hangsAt?: string;
  /** It can be steered, but takes no text into a turn. */
  readonly refusesSteering?: boolean;
}

const REFUSE = { optionId: 'no', name: 'No', kind: 'reject_once' };
const ALLOW = { optionId: 'yes', name: 'Yes', kind: 'allow_once' };
export const OPTIONS = [{ optionId: 'always', name: 'Always', kind: 'allow_always' }, ALLOW, REFUSE];

type Message = Readonly<Record<string, unknown>>;

class ScriptedAgent {
  private turn = 0;
  private turns: AgentScript['turns'] | undefined;
  private prompt = '';
  private nextId = 100;
  /** Of the running turn. */
  private readonly canceled = new Set<unknown>();
  private readonly answers = new Map<unknown, (message: Message) => void>();
  private readonly cancels: (() => void)[] = [];
  private options: readonly Message[];

  constructor(
    private readonly script: AgentScript,
    private readonly journal: string,
  ) {
    const { configOptions = [] } = (script.session ?? {}) as { configOptions?: readonly Message[] };
    this.options = configOptions;
  }

  take(line: string): void {
    appendFileSync(this.journal, `${line}\n`);
    const message = JSON.parse(line) as Message;
    const answer = message['method'] === undefined ? this.answers.get(message['id']) : undefined;
    if (answer !== undefined) answer(message);
    else if (typeof message['method'] === 'string') void this.handle(message['method'], message);
  }

  private async handle(method: string, { id, params }: Message): Promise<void> {
    const { sessionId = 'session-1', session = {} } = this.script;
    if (method === this.script.hangsAt) return;
    switch (method) {
      case 'initialize':
        this.result(id, {
          protocolVersion: 1,
          agentInfo: { name: 'scripted', title: 'Scripted Agent', version: '1.2.3' },
          agentCapabilities: { loadSession: true, sessionCapabilities: { resume: {} } },
          ...this.script.initialize,
        });
        return;
      case 'session/new':
        if (this.script.authRequired === true) this.send({ id, error: { code: -32000, message: 'Sign in' } });
        else this.result(id, { sessionId, ...session });
        return;
      case 'session/resume':
      case 'session/load':
        if (this.script.resume === 'unknown') {
          this.send({ id, error: { code: -32603, message: 'Internal error', data: 'No previous sessions found' } });
          return;
        }
        for (const update of this.script.replay ?? []) this.update(update);
        this.result(id, session);
        return;
      case 'session/set_mode':
        this.result(id, {});
        return;
      case 'session/set_config_option':
        this.setOption(id, params as Message);
        return;
      case 'session/cancel':
        this.canceled.add(this.turn);
        for (const cancel of this.cancels.splice(0)) cancel();
        return;
      case '_session/steering':
        if (this.script.refusesSteering === true) {
          this.result(id, { outcome: 'promptRequired' });
          return;
        }
        this.update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'steered' } });
        this.result(id, { outcome: 'injected' });
        return;
      case 'session/prompt':
        await this.play(id, promptOf(params));
        return;
      default:
        this.send({ id, error: { code: -32601, message: `no method ${method}` } });
    }
  }

  private setOption(id: unknown, { configId, value }: Message): void {
    if (this.script.ignoresModes !== true) {
      this.options = this.options.map((option) =>
        option['id'] === configId ? { ...option, currentValue: value } : option,
      );
    }
    this.result(id, { configOptions: this.options });
  }

  private async play(id: unknown, prompt: string): Promise<void> {
    const { turns, turnsOf = {} } = this.script;
    this.turns ??= Object.entries(turnsOf).find(([text]) => prompt.includes(text))?.[1] ?? turns;
    this.prompt = prompt;
    const steps = this.turns[Math.min(this.turn, this.turns.length - 1)] ?? [];
    this.turn += 1;
    for (const step of steps) if (await this.step(step, id)) return;
    this.result(id, { stopReason: this.canceled.has(this.turn) ? 'cancelled' : 'end_turn' });
  }

  /** Whether the turn is over. */
  private async step(step: Step, id: unknown): Promise<boolean> {
    if ('say' in step) this.update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: step.say } });
    else if ('raw' in step) process.stdout.write(`${step.raw}\n`);
    else if ('long' in step) await this.writeLong('x', step.long);
    else if ('longAnswer' in step)
      await this.writeLong(`{"jsonrpc":"2.0","id":${String(id)},"result":"`, step.longAnswer);
    else if ('update' in step) this.update(step.update);
    else if ('asks' in step) this.send({ id: step.id, method: 'session/request_permission', params: asked(step.asks) });
    else if ('ask' in step) {
      const answer = await this.request('session/request_permission', asked(step.ask, step.options));
      const isAllowed = JSON.stringify(answer['result'] ?? null).includes('"yes"');
      if (isAllowed && step.writes !== undefined) writeFileSync(step.writes, 'written');
      this.update({
        sessionUpdate: 'tool_call_update',
        toolCallId: 'call-1',
        status: isAllowed ? 'completed' : 'failed',
      });
    } else if ('does' in step) {
      const command = step.does.replace(/\{([A-Z_]+)\}/g, (_, name: string) => process.env[name] ?? '');
      const call = { kind: 'execute', title: command, rawInput: { command } };
      const answer = await this.request('session/request_permission', asked(call));
      if (JSON.stringify(answer['result'] ?? null).includes('"yes"')) {
        execSync(command, { stdio: ['ignore', 'ignore', 'inherit'] });
      }
    } else if ('question' in step) await this.request('elicitation/create', step.question);
    else if ('notify' in step) this.send({ method: step.notify, params: step.params });
    else if ('call' in step) await this.request(step.call, {});
    else if ('untilCancel' in step) {
      await new Promise<void>((resolve) => this.cancels.push(resolve));
    } else if ('hang' in step) await new Promise(() => undefined);
    else if ('exit' in step) process.exit(step.exit);
    else if ('run' in step) {
      execSync(step.run, { env: { ...process.env, PROMPT: this.prompt }, stdio: ['ignore', 'ignore', 'inherit'] });
    } else if ('leaves' in step) {
      const code = 'setInterval(() => undefined, 1000)';
      spawn(process.execPath, ['-e', code], {
        detached: true,
        stdio: step.leaves === 'output' ? 'inherit' : 'ignore',
      }).unref();
    } else if ('fail' in step) {
      this.send({ id, error: step.fail });
      return true;
    } else {
      this.result(id, { stopReason: step.stop, ...defined({ usage: step.usage }) });
      return true;
    }
    return false;
  }

  private request(method: string, params: object): Promise<Message> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve) => {
      this.answers.set(id, resolve);
      this.send({ id, method, params });
    });
  }

  private async writeLong(start: string, bytes: number): Promise<void> {
    const write = (text: string): Promise<void> =>
      new Promise((resolve) => process.stdout.write(text, () => resolve()));
    await write(start);
    const part = 'x'.repeat(1024 * 1024);
    for (let left = bytes; left > 0; left -= part.length) await write(part);
    await write('\n');
  }

  private update(update: object): void {
    this.send({ method: 'session/update', params: { sessionId: 'session-1', update } });
  }

  private result(id: unknown, result: object): void {
    this.send({ id, result });
  }

  private send(message: object): void {
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}

function asked(toolCall: object, options: readonly object[] = OPTIONS): object {
  return { sessionId: 'session-1', toolCall: { toolCallId: 'call-1', ...toolCall }, options };
}

function promptOf(params: unknown): string {
  return (params as { prompt: { text?: string }[] }).prompt[0]?.text ?? '';
}

function main([scriptFile, journal]: readonly string[]): void {
  if (scriptFile === undefined || journal === undefined) return;
  const script = JSON.parse(readFileSync(scriptFile, 'utf8')) as AgentScript;
  const agent = new ScriptedAgent(script, journal);
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => agent.take(line));
  lines.on('close', () => {
    if (script.ignoresClose !== true) process.exit(0);
    // Whatever else happens, it stays.
    setTimeout(() => process.exit(0), 600_000);
  });
}

if (require.main === module) main(process.argv.slice(2));
