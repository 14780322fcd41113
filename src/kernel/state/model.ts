/** Small JSON documents by key and scope, and sentinels that say "not again so soon" (`spec/kernel.md` §9, §10). */

export interface StateEntry {
  readonly key: string;
  readonly scopeId: string;
  /** JSON text, as it was given. */
  readonly payload: string;
  readonly updatedAt: number;
  readonly expiresAt: number | null;
}

export interface Sentinel {
  readonly name: string;
  readonly scopeId: string;
  /** Unix seconds. */
  readonly lastFired: number;
}
