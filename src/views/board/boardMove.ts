/** Where a dragged card belongs: the kernel decides positions, the page only says between which cards (D22). Pure. */

/**
 * Before which subtask of its task the card is put; null: at the end. Cards of other columns may stand between
 * the two that the person saw, so the one that follows counts and, where there is none, the one that precedes.
 */
export function placeBefore(
  ids: readonly string[],
  {
    subtaskId,
    after,
    before,
  }: { readonly subtaskId: string; readonly after: string | null; readonly before: string | null },
): string | null {
  if (before !== null) return before;
  const others = ids.filter((id) => id !== subtaskId);
  if (after === null) return others[0] ?? null;
  return others[others.indexOf(after) + 1] ?? null;
}
