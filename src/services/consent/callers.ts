/**
 * Who asked for what is being done now. A window serves several callers at once (a person, other extensions, a language
 * model), and their writes pass through services that know nothing of them; so the caller goes along with the call, as
 * Node carries it, and every write asks for it where it enters the kernel.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Signature } from '../../kernel/callers/service';

interface Call {
  readonly signature: Signature;
  isOver: boolean;
}

export class Callers {
  private readonly calls = new AsyncLocalStorage<Call>();

  /** Everything that `work` writes until it settles is signed. What it leaves behind, such as following an agent, is not. */
  async run<T>(signature: Signature, work: () => Promise<T>): Promise<T> {
    const call: Call = { signature, isOver: false };
    try {
      return await this.calls.run(call, work);
    } finally {
      call.isOver = true;
    }
  }

  /** The signature of a write that starts now. */
  readonly current = (): Signature | undefined => {
    const call = this.calls.getStore();
    return call?.isOver === false ? call.signature : undefined;
  };
}
