/**
 * The caller of the current work. A window serves several callers at once (a person, other extensions, a language
 * model), and their writes pass through services that do not know them. So Node's async context carries the caller, and
 * every write reads it when it enters the kernel.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Signature } from '../../kernel/callers/service';

interface Call {
  readonly signature: Signature;
  isOver: boolean;
}

export class Callers {
  private readonly calls = new AsyncLocalStorage<Call>();

  /**
   * Signs everything that `work` writes until it settles. Work that outlives it, such as following an agent, is not
   * signed.
   */
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
