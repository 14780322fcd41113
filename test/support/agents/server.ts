/** A model on loopback that says what its scripts tell it to, to any number of real agents at once. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { claudeError, claudeEvents, claudeMessage, parseClaudeRequest } from './claudeApi';
import { chatError, chatEvents, chatMessage, parseChatRequest } from './chatApi';
import { codexError, codexEvents, parseCodexRequest } from './codexApi';
import { Conversations, type Cue, type ModelRequest } from './conversations';
import { geminiError, geminiEvents, geminiMessage, parseGeminiRequest } from './geminiApi';
import { failure, reply, say, type Failure, type Reply, type Script } from './script';
import { sendEvents, sendJson, type StreamEvent } from './stream';

export interface ModelServer {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string;
  /** What was asked, in order, those requests included that were refused by script. */
  readonly requests: readonly ModelRequest[];
  /** Every way in which a request broke the API or its script. A test asserts that there are none. */
  readonly errors: readonly string[];
  /** Resolves once that many requests were asked: the moment to stop an agent in the middle of its work. */
  reached(count: number): Promise<void>;
  /** Resolves once the port is free; agents that still wait lose their connection. */
  close(): Promise<void>;
}

/** How an API puts into words what a script says. `tools`: those that the request offers. */
interface Dialect {
  readonly parse: typeof parseClaudeRequest;
  readonly events: (reply: Reply, cue: Cue, model: string, tools: readonly string[]) => StreamEvent[];
  readonly message: (reply: Reply, cue: Cue, model: string, tools: readonly string[]) => unknown;
  readonly error: (failure: Pick<Failure, 'status' | 'message'>) => unknown;
}

const claude: Dialect = {
  parse: parseClaudeRequest,
  events: claudeEvents,
  message: claudeMessage,
  error: claudeError,
};

const codex: Dialect = {
  parse: parseCodexRequest,
  events: codexEvents,
  message: () => codexError({ status: 400, message: 'only streams are scripted' }),
  error: codexError,
};

const chat: Dialect = { parse: parseChatRequest, events: chatEvents, message: chatMessage, error: chatError };

/** The address of a request names the model and whether the answer is a stream. */
const GEMINI_ADDRESS = /\/models\/([^/]+):(streamGenerateContent|generateContent)$/;

const gemini = (model: string, isStreamed: boolean): Dialect => ({
  parse: (headers, body) => parseGeminiRequest(headers, body, { model, isStreamed }),
  events: geminiEvents,
  message: geminiMessage,
  error: geminiError,
});

/** Starts the server on a free port of loopback; it speaks all four APIs. Fails only when no port can be had. */
export async function startModelServer(scripts: readonly Script[]): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const errors: string[] = [];
  const arrivals = new EventEmitter();
  const conversations = new Conversations(scripts, (violation) => errors.push(violation));

  async function answer(dialect: Dialect, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = dialect.parse(request.headers, await json(request));
    requests.push(asked);
    arrivals.emit('request');
    const cue = isAside(asked) ? asideFor(asked) : conversations.next(asked);
    const turn = cue?.turn ?? failure(400, { message: 'the script does not continue' });
    if (turn.kind === 'failure') {
      const wait = turn.retryAfterSeconds;
      sendJson(response, turn.status, dialect.error(turn), wait === undefined ? {} : { 'retry-after': `${wait}` });
    } else if (cue && asked.streamed) {
      await sendEvents(response, dialect.events(turn, cue, asked.model, asked.tools), turn.delivery);
    } else if (cue) {
      sendJson(response, 200, dialect.message(turn, cue, asked.model, asked.tools));
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://loopback').pathname;
    switch (`${request.method} ${path}`) {
      case 'HEAD /':
        response.end();
        return;
      case 'POST /v1/messages':
        return answer(claude, request, response);
      case 'POST /v1/messages/count_tokens':
        sendJson(response, 200, { input_tokens: JSON.stringify(await json(request)).length >> 2 });
        return;
      case 'POST /v1/responses':
        return answer(codex, request, response);
      case 'POST /v1/chat/completions':
        return answer(chat, request, response);
      default: {
        const [, model, method] = GEMINI_ADDRESS.exec(path) ?? [];
        if (model !== undefined) return answer(gemini(model, method !== 'generateContent'), request, response);
        errors.push(`${request.method} ${path} is not an address of an API`);
        sendJson(response, 404, claudeError({ status: 404, message: 'not found' }));
      }
    }
  }

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      errors.push(`${request.method} ${request.url}: ${describe(error)}`);
      if (response.headersSent) response.destroy();
      else sendJson(response, 400, claudeError({ status: 400, message: describe(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    errors,
    reached: async (count) => {
      while (requests.length < count) await once(arrivals, 'request');
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A request beside the conversation, such as for a title, offers no tools. */
function isAside(request: ModelRequest): boolean {
  return request.api !== 'codex' && request.tools.length === 0;
}

/** Gemini CLI asks which model is to answer, as JSON. */
function asideFor({ api }: ModelRequest): Cue {
  const text = api === 'gemini' ? JSON.stringify({ reasoning: 'scripted', model_choice: 'flash' }) : 'Scripted aside';
  return { turn: reply([say(text)]), stepId: (step) => `aside_${step}` };
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
