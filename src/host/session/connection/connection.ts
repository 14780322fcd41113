/** The connection to an agent: JSON-RPC in lines. Messages go to the log as they come, before anything reads them. */
import type { Readable, Writable } from 'node:stream';
import { LineSplitter } from './lineSplitter';
import { AGENT_ENDED, METHOD_NOT_FOUND, rpcMessage, type RpcError, type RpcId, type RpcMessage } from './protocol';
import type { SessionLogWriter } from './sessionLogWriter';

/** A longer line is not read. As long as the protocol's own library allows. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** An error that the agent answered, or the end of the connection. */
export class AgentError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Of an answer that was too long to read. */
const TOO_LONG = -32097;

export interface AgentListener {
  readonly onRequest: (method: string, params: unknown, request: AgentRequest) => void;
  readonly onNotification: (method: string, params: unknown) => void;
}

/** A request of the agent. The first answer is sent, others are ignored. */
export interface AgentRequest {
  readonly id: RpcId;
  answer(result: unknown): void;
  refuse(code: number, message: string): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: AgentError) => void;
}

export class Connection {
  private readonly pending = new Map<RpcId, Pending>();
  private nextId = 1;
  private isClosed = false;

  constructor(
    private readonly input: Writable,
    output: Readable,
    private readonly log: SessionLogWriter,
    private readonly listener: AgentListener,
  ) {
    const splitter = new LineSplitter(MAX_LINE_BYTES, {
      onLine: (line) => this.read(line),
      onSkipped: (bytes, start) => this.skip(bytes, start),
    });
    // A broken pipe means that the agent has ended, which its exit reports.
    input.on('error', () => undefined);
    output.on('error', () => undefined);
    output.on('data', (bytes: Buffer) => splitter.push(bytes));
    output.once('end', () => splitter.end());
  }

  /** @throws AgentError */
  request(method: string, params: unknown): Promise<unknown> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(closed());
        return;
      }
      this.pending.set(id, { resolve, reject });
      this.send({ id, method, params });
    });
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  /** Rejects what the agent has not answered. */
  close(): void {
    this.isClosed = true;
    for (const { reject } of this.pending.values()) reject(closed());
    this.pending.clear();
    this.input.end();
  }

  private send(message: { readonly id?: RpcId; readonly method?: string; readonly [field: string]: unknown }): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.log.message('sent', text);
    if (!this.isClosed) this.input.write(`${text}\n`);
  }

  private read(line: string): void {
    const value = jsonObject(line);
    if (value === undefined) {
      if (line.trim() !== '') this.log.write({ type: 'printed', text: line });
      return;
    }
    this.log.message('received', line);
    const message = rpcMessage(value);
    if (message !== undefined) this.handle(message);
  }

  private handle(message: RpcMessage): void {
    switch (message.kind) {
      case 'result':
        this.take(message.id)?.resolve(message.result);
        return;
      case 'error':
        this.take(message.id)?.reject(errorOf(message.error));
        return;
      case 'notification':
        this.listener.onNotification(message.method, message.params);
        return;
      case 'request':
        this.listener.onRequest(message.method, message.params, this.requestOf(message.id));
    }
  }

  /** An answer that was too long to read is no answer, but nothing waits for it. */
  private skip(bytes: number, start: string): void {
    this.log.write({ type: 'skipped', bytes });
    const id = Number(/^[^{[]*\{[^{[]*?"id"\s*:\s*(\d+)/.exec(start)?.[1]);
    this.take(id)?.reject(new AgentError(TOO_LONG, `the answer of ${bytes} bytes is too long to read`));
  }

  private take(id: RpcId): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private requestOf(id: RpcId): AgentRequest {
    let isAnswered = false;
    const once = (fields: { readonly result: unknown } | { readonly error: RpcError }): void => {
      if (isAnswered) return;
      isAnswered = true;
      this.send({ id, ...fields });
    };
    return {
      id,
      answer: (result) => once({ result }),
      refuse: (code, message) => once({ error: { code, message, data: undefined } }),
    };
  }
}

export function refuseUnknown(request: AgentRequest, method: string): void {
  request.refuse(METHOD_NOT_FOUND, `${method} is not supported`);
}

function closed(): AgentError {
  return new AgentError(AGENT_ENDED, 'the agent has ended');
}

/** Details differ by agent: a text in `data`, or `details` or `message` in it. */
function errorOf({ code, message, data }: RpcError): AgentError {
  const details = typeof data === 'object' && data !== null ? Object.values(data).find(isText) : data;
  return new AgentError(code, isText(details) && details !== message ? `${message}: ${details}` : message);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function jsonObject(line: string): object | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
