/**
 * The fence of a lease: whatever its holder writes or starts checks it first, and is refused from the moment on that
 * another program has taken the lease, as from a holder that slept. The check goes along with the call, as Node carries it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export type FenceCheck = () => void;

interface Fence {
  readonly check: FenceCheck;
  isOver: boolean;
}

const fences = new AsyncLocalStorage<Fence | undefined>();

/** Fences all that `work` does until it settles. What it leaves behind, such as following an agent, is free. */
export async function withinFence<T>(check: FenceCheck, work: () => Promise<T>): Promise<T> {
  const fence: Fence = { check, isOver: false };
  try {
    return await fences.run(fence, work);
  } finally {
    fence.isOver = true;
  }
}

/** What is done for several callers at once is in the fence of none. */
export function outsideFence<T>(work: () => T): T {
  return fences.run(undefined, work);
}

/** The check of the caller's fence, to be made where its call is carried out later. It throws where the lease is lost. */
export function fenceCheck(): FenceCheck | undefined {
  const fence = fences.getStore();
  if (fence === undefined) return undefined;
  return () => {
    if (!fence.isOver) fence.check();
  };
}

/** @throws the error of the fence, where the caller is in one whose lease is lost */
export function checkFence(): void {
  fenceCheck()?.();
}
