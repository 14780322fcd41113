/**
 * The fence of a lease: every write and start of its holder checks it first, and is refused once another program has
 * taken the lease, for example while the holder was suspended. The check follows asynchronous calls.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export type FenceCheck = () => void;

interface Fence {
  readonly check: FenceCheck;
  isOver: boolean;
}

const fences = new AsyncLocalStorage<Fence | undefined>();

/** Fences `work` until it settles. Work that continues after it, such as following an agent, is not fenced. */
export async function withinFence<T>(check: FenceCheck, work: () => Promise<T>): Promise<T> {
  const fence: Fence = { check, isOver: false };
  try {
    return await fences.run(fence, work);
  } finally {
    fence.isOver = true;
  }
}

/** Work for several callers at once is outside their fences. */
export function outsideFence<T>(work: () => T): T {
  return fences.run(undefined, work);
}

/** The check of the caller's fence, for a call that runs later. It throws if the lease is lost. */
export function fenceCheck(): FenceCheck | undefined {
  const fence = fences.getStore();
  if (fence === undefined) return undefined;
  return () => {
    if (!fence.isOver) fence.check();
  };
}

/** @throws the error of the fence, if the caller is in one whose lease is lost */
export function checkFence(): void {
  fenceCheck()?.();
}
