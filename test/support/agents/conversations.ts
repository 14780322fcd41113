/** Which script each agent plays, and where it stands. */
import type { Script, Turn } from './script';

/** A request to the model in the words of no API. */
export interface ModelRequest {
  readonly api: 'claude' | 'codex' | 'gemini' | 'chat';
  /** The id of the agent's run: what the CLI prints as its session or thread id. */
  readonly conversation: string;
  readonly model: string;
  /** All that the user's side said, joined: the prompt, and what the CLI adds around it. */
  readonly prompt: string;
  readonly cwd: string | undefined;
  readonly tools: readonly string[];
  /** The ids of the commands that the model asked for, as the agent remembers them. */
  readonly calls: readonly string[];
  readonly results: readonly ToolResult[];
  readonly streamed: boolean;
}

export interface ToolResult {
  readonly id: string;
  readonly output: string;
}

/** The turn to play, and an id for each of its steps that no other step of the server has. */
export interface Cue {
  readonly turn: Turn;
  readonly stepId: (step: number) => string;
}

interface Progress {
  readonly script: Script;
  readonly conversation: number;
  served: number;
  /** The commands whose results every further request must hold. */
  awaited: readonly string[];
}

/**
 * Follows every conversation through its script.
 *
 * Guarantees: each request of a conversation is served the next turn of its script. A request that lacks the result of
 * a command, answers a command that was never asked for, or misses what the script expects is reported and served all
 * the same. Fails (undefined, and reported) when no script matches or the script is over.
 */
export class Conversations {
  readonly #scripts: readonly Script[];
  readonly #report: (violation: string) => void;
  readonly #progress = new Map<string, Progress>();

  constructor(scripts: readonly Script[], report: (violation: string) => void) {
    this.#scripts = scripts;
    this.#report = report;
  }

  next(request: ModelRequest): Cue | undefined {
    const progress = this.#progress.get(request.conversation) ?? this.#begin(request);
    if (!progress) {
      this.#report(`no script matches the prompt of ${request.conversation}: ${request.prompt.slice(-200)}`);
      return undefined;
    }
    const { script } = progress;
    for (const violation of [...missing(request, script), ...misunderstood(request, progress)]) {
      this.#report(`${script.name}: ${violation}`);
    }
    const turn = script.turns[Math.min(progress.served, lastingTurn(script))];
    if (!turn) {
      this.#report(`${script.name}: asked for turn ${progress.served + 1} of ${script.turns.length}`);
      return undefined;
    }
    return this.#serve(progress, turn);
  }

  #begin(request: ModelRequest): Progress | undefined {
    const script = this.#scripts.find((each) => matches(each, request.prompt) && !this.#isTaken(each));
    if (!script) return undefined;
    const progress: Progress = { script, conversation: this.#progress.size + 1, served: 0, awaited: [] };
    this.#progress.set(request.conversation, progress);
    return progress;
  }

  #isTaken(script: Script): boolean {
    const playing = [...this.#progress.values()].filter((progress) => progress.script === script).length;
    return playing >= (script.conversations ?? Infinity);
  }

  #serve(progress: Progress, turn: Turn): Cue {
    progress.served += 1;
    const prefix = `${progress.conversation}_${progress.served}`;
    const stepId = (step: number) => `${prefix}_${step}`;
    if (arrivesWhole(turn)) {
      progress.awaited = turn.steps.flatMap((step, index) => (step.kind === 'say' ? [] : [stepId(index)]));
    }
    return { turn, stepId };
  }
}

function matches(script: Script, prompt: string): boolean {
  return typeof script.prompt === 'string' ? prompt.includes(script.prompt) : script.prompt.test(prompt);
}

/** The turn that answers everything from there on: the last one, where it is a failure. */
function lastingTurn(script: Script): number {
  return script.turns.at(-1)?.kind === 'failure' ? script.turns.length - 1 : Infinity;
}

function arrivesWhole(turn: Turn): turn is Extract<Turn, { kind: 'reply' }> {
  return turn.kind === 'reply' && (turn.delivery.kind === 'whole' || turn.delivery.kind === 'slow');
}

/** What the script expects and the request lacks. */
function* missing(request: ModelRequest, { expect = {} }: Script): Generator<string> {
  for (const text of expect.prompt ?? []) {
    if (!request.prompt.includes(text)) yield `the prompt lacks ${JSON.stringify(text)}`;
  }
  for (const tool of expect.tools ?? []) {
    if (!request.tools.includes(tool)) yield `the tool ${tool} is not offered, only ${request.tools.join(', ')}`;
  }
  if (expect.cwd !== undefined && request.cwd !== expect.cwd) {
    yield `the agent works in ${request.cwd ?? 'an unknown directory'}, not in ${expect.cwd}`;
  }
}

/** Where the agent's memory of the conversation is not what was said. */
function* misunderstood(request: ModelRequest, progress: Progress): Generator<string> {
  const answered = new Set(request.results.map((result) => result.id));
  for (const id of progress.awaited) {
    if (!answered.has(id)) yield `the command ${id} has no result`;
  }
  for (const id of answered) {
    if (!request.calls.includes(id)) yield `a result answers ${id}, a command never asked for`;
  }
}
