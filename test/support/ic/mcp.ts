/** A client of the official SDK with the real `ic mcp` as its server. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as z from 'zod';
import { IC_SCRIPT } from './ic';

export interface McpOptions {
  readonly cwd: string;
  /** Of `ic mcp`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The name that the client gives itself. */
  readonly client?: string;
}

const outcome = z.object({
  isError: z.boolean().optional(),
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
  structuredContent: z.object({
    result: z.unknown().optional(),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
  }),
});

/** What a tool answered: a result, or the code of its refusal. */
export type ToolOutcome = { readonly result: unknown } | { readonly code: string };

export class McpSession {
  private constructor(
    readonly client: Client,
    /** What the server wrote to its standard error. */
    readonly errors: readonly string[],
  ) {}

  /** Resolves when client and server have agreed on the protocol. The caller closes it, which ends the server. */
  static async open({ cwd, args = [], env = {}, client: name = 'test-client' }: McpOptions): Promise<McpSession> {
    const client = new Client({ name, version: '1.0.0' });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [IC_SCRIPT, 'mcp', ...args],
      cwd,
      env: { PATH: process.env['PATH'] ?? '', PWD: cwd, TZ: 'UTC', ...env },
      stderr: 'pipe',
    });
    const errors: string[] = [];
    transport.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString('utf8')));
    await client.connect(transport);
    return new McpSession(client, errors);
  }

  async call(tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<ToolOutcome> {
    const { isError = false, structuredContent } = outcome.parse(
      await this.client.callTool({ name: tool, arguments: { ...args } }),
    );
    return isError ? { code: structuredContent.error?.code ?? '' } : { result: structuredContent.result };
  }

  /** The result of a call that must succeed. */
  async ok<T>(schema: z.ZodType<T>, tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const answer = await this.call(tool, args);
    if ('code' in answer) throw new Error(`${tool} was refused: ${answer.code}`);
    return schema.parse(answer.result);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
