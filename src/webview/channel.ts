/** A page's way to the extension, and to what VS Code keeps for it. */
import type * as z from 'zod/mini';
import { pageMemory, type PageMemory } from '../contract/pages/page';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface ChannelSchemas<Command, Memory> {
  /** What the extension says. */
  readonly command: z.ZodMiniType<Command>;
  /** What is kept of the page. */
  readonly memory: z.ZodMiniType<Memory>;
}

/** There is one for each page: VS Code gives its interface once. */
export class Channel<Command, Event extends object, Memory> {
  /** What the page is about. */
  readonly subject = document.body.dataset['subject'] ?? '';
  private readonly api = acquireVsCodeApi();

  constructor(private readonly schemas: ChannelSchemas<Command, Memory>) {}

  /** The texts that the extension wrote into the page. Throws where they are not those of this page. */
  texts<Texts>(schema: z.ZodMiniType<Texts>): Texts {
    return schema.parse(JSON.parse(document.body.dataset['texts'] ?? '{}'));
  }

  /** What was kept of this page; undefined where nothing was, or where it was about another subject. */
  kept(): Memory | undefined {
    const { data } = pageMemory.safeParse(this.api.getState());
    return data?.subject === this.subject ? this.schemas.memory.safeParse(data.memory).data : undefined;
  }

  /** Keeping anything, even an empty memory, is what lets the panel be brought back after a reload. */
  keep(memory: Memory): void {
    const kept: PageMemory = { subject: this.subject, memory };
    this.api.setState(kept);
  }

  /** Asks for everything that the page shows. */
  ready(): void {
    this.api.postMessage({ type: 'ready' });
  }

  send(event: Event): void {
    this.api.postMessage(event);
  }

  /** Messages of anything else are not ours and pass by. */
  onCommand(listener: (command: Command) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const command = this.schemas.command.safeParse(data);
      if (command.success) listener(command.data);
    });
  }
}
