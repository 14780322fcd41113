/**
 * Small JSON documents by key and scope, and sentinels, which limit how often something happens
 * (`docs/design/formats.md#state-entries`).
 */

export interface StateEntry {
  readonly key: string;
  readonly scopeId: string;
  /** JSON text, unchanged. */
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
