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
  /** The messages of the extension. */
  readonly command: z.ZodMiniType<Command>;
  /** The stored state of the page. */
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

  /** The stored state of this page; undefined if there is none, or if it belongs to another subject. */
  kept(): Memory | undefined {
    const { data } = pageMemory.safeParse(this.api.getState());
    return data?.subject === this.subject ? this.schemas.memory.safeParse(data.memory).data : undefined;
  }

  /** VS Code restores the panel after a reload only if a state was stored, even an empty one. */
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
