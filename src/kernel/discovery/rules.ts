/** Pure rules of discoveries: tiers, statuses and similarity (`docs/design/formats.md#discoveries`). */
import type { ConfidenceTier, DiscoveryStatus } from './model';

/** The score from which a discovery may be promoted without force. */
export const PROMOTE_SCORE = 0.5;

const TIERS: readonly { readonly from: number; readonly tier: ConfidenceTier }[] = [
  { from: 0.8, tier: 'high' },
  { from: PROMOTE_SCORE, tier: 'medium' },
  { from: 0.3, tier: 'low' },
];

export function tierOf(score: number): ConfidenceTier {
  return TIERS.find(({ from }) => score >= from)?.tier ?? 'discard';
}

/** Which status may follow which. A score may change without the status; `proposed` is never written by the original. */
export const NEXT_DISCOVERY_STATUSES: Readonly<Record<DiscoveryStatus, readonly DiscoveryStatus[]>> = {
  new: ['scored', 'promoted', 'dismissed'],
  scored: ['scored', 'promoted', 'dismissed'],
  proposed: ['scored', 'promoted', 'dismissed'],
  promoted: ['dismissed'],
  dismissed: [],
};

/** Cosine of two vectors of 32-bit little-endian floats; 0 where they differ in length, are empty, or have length 0. */
export function cosine(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return 0;
  const [left, right] = [viewOf(a), viewOf(b)];
  let [product, leftSquare, rightSquare] = [0, 0, 0];
  for (let at = 0; at + 4 <= a.length; at += 4) {
    const x = left.getFloat32(at, true);
    const y = right.getFloat32(at, true);
    product += x * y;
    leftSquare += x * x;
    rightSquare += y * y;
  }
  const similarity = product / Math.sqrt(leftSquare * rightSquare);
  return Number.isFinite(similarity) ? similarity : 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
