/**
 * What a model says, as data: a script is a list of turns, one per request of an agent.
 *
 * A script knows nothing of the APIs: `claudeApi.ts` and the files of the others put the same turns into the words of each.
 */

/** Tokens that one turn costs. `input` counts fresh tokens only; cached ones are apart, whichever the API. */
export interface Usage {
  readonly input: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  /** All tokens that the model wrote, its reasoning among them. */
  readonly output: number;
  /** The part of `output` that was reasoning. Only the Responses API tells it. */
  readonly reasoning: number;
}

/**
 * One thing said in a turn: a text, a shell command to run (`Bash` for Claude, `exec_command` for Codex), a call of a tool
 * of an MCP server, or the reading of one of its resources (by a tool of the CLI's own).
 */
export type Step =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'run'; readonly command: string; readonly isEscalated?: boolean }
  | {
      readonly kind: 'use';
      readonly server: string;
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'read'; readonly server: string; readonly uri: string };

/** How the bytes of a reply travel. `cut` and `hang` happen after that many events of the stream were sent. */
export type Delivery =
  | { readonly kind: 'whole' }
  | { readonly kind: 'slow'; readonly pauseMs: number }
  | { readonly kind: 'cut'; readonly afterEvents: number }
  | { readonly kind: 'hang'; readonly afterEvents: number };

/** The model speaks. A reply with no command in it ends the agent's work. */
export interface Reply {
  readonly kind: 'reply';
  readonly steps: readonly Step[];
  readonly usage: Usage;
  readonly delivery: Delivery;
}

/** The API refuses, with the body that the real one sends for the status. */
export interface Failure {
  readonly kind: 'failure';
  readonly status: number;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export type Turn = Reply | Failure;

/** What each request of the conversation has to contain; what is missing is recorded in the server's `errors`. */
export interface Expectations {
  readonly prompt?: readonly string[];
  readonly tools?: readonly string[];
  /** The directory that the agent tells the model it works in. */
  readonly cwd?: string;
}

/**
 * One agent's story.
 *
 * Every conversation (one agent process) that matches `prompt` plays the turns from the first. A script that ends in a
 * failure continues failing, so that an agent's own retries meet what its first try met; a script that ends in a reply
 * is over, and a request beyond it is an error of the test.
 */
export interface Script {
  readonly name: string;
  /** A text that the prompt contains, or a pattern it matches. The first script that matches is played. */
  readonly prompt: string | RegExp;
  readonly turns: readonly Turn[];
  readonly expect?: Expectations;
  /** At most this many conversations play it; later ones go to the next script that matches. Unlimited when absent. */
  readonly conversations?: number;
}

export const noUsage: Usage = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0, reasoning: 0 };

export function say(text: string): Step {
  return { kind: 'say', text };
}

export function run(command: string): Step {
  return { kind: 'run', command };
}

/** A command that Codex runs outside its sandbox, for which it asks; to Claude every command is one. */
export function escalate(command: string): Step {
  return { kind: 'run', command, isEscalated: true };
}

/** Both CLIs show a tool of an MCP server as `mcp__<server>__<tool>`. */
export function use(server: string, tool: string, input: Readonly<Record<string, unknown>>): Step {
  return { kind: 'use', server, tool, input };
}

export function read(server: string, uri: string): Step {
  return { kind: 'read', server, uri };
}

export function mcpToolName({ server, tool }: { readonly server: string; readonly tool: string }): string {
  return `mcp__${server}__${tool}`;
}

/** A turn in which the model says the steps in order; figures that are not given count zero. */
export function reply(steps: readonly Step[], usage: Partial<Usage> = {}): Reply {
  return { kind: 'reply', steps, usage: { ...noUsage, ...usage }, delivery: { kind: 'whole' } };
}

/** The same reply with a pause before each event of the stream. */
export function slowly(pauseMs: number, turn: Reply): Reply {
  return { ...turn, delivery: { kind: 'slow', pauseMs } };
}

/** The same reply whose connection is destroyed after `afterEvents` events. The agent will have to ask again. */
export function cut(turn: Reply, afterEvents = 2): Reply {
  return { ...turn, delivery: { kind: 'cut', afterEvents } };
}

/** A turn that never comes: no byte is answered, or the stream falls silent after `afterEvents` events of `turn`. */
export function hang(turn: Reply = reply([say('')]), afterEvents = 0): Reply {
  return { ...turn, delivery: { kind: 'hang', afterEvents } };
}

/** A refusal: 401, 429 (with `retryAfterSeconds`), 500, 529 and the like. */
export function failure(status: number, options: { message?: string; retryAfterSeconds?: number } = {}): Failure {
  const { message = `scripted failure ${status}`, retryAfterSeconds } = options;
  return { kind: 'failure', status, message, ...defined({ retryAfterSeconds }) };
}

/** What the turns cost together: what an agent that played all of them has to report. */
export function totalUsage(turns: readonly Turn[]): Usage {
  return turns.reduce<Usage>((sum, turn) => (turn.kind === 'failure' ? sum : addUsage(sum, turn.usage)), noUsage);
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheRead: a.cacheRead + b.cacheRead,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}
import { defined } from '../../../src/kernel/defined';
